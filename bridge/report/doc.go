// Package report holds what is known of a bridge at one moment, and renders it.
//
// The invariant: everything that the bridge shows about itself (the status
// file, what systemd is told, `sdbridge status` and metrics) is rendered from
// one Report, made when the state changed, so that no two of them disagree.
// Every rendering is a function of values: the time comes in with them.
//
//	r := report.Report{Generations: []report.Generation{{Number: 1, PID: 4711, Phase: machine.Current}}}
//	g, ok := r.Serving()
//	_ = report.Text(os.Stdout, report.Status{Report: r, At: time.Now()})
package report
