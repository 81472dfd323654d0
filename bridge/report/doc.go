// Package report holds what is known of a bridge at one moment.
//
// The invariant: everything that the bridge shows about itself (the status
// file, what systemd is told) is rendered from one Report, made when the state
// changed, so that no two of them disagree.
//
//	r := report.Report{Generations: []report.Generation{{Number: 1, PID: 4711, Phase: machine.Current}}}
//	g, ok := r.Serving()
package report
