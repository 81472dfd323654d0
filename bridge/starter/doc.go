// Package starter speaks the dialect of Server::Starter's start_server: its
// options, its environment variables, its pid and status files, its --restart
// and --stop, its way into the background and its log lines.
//
// The invariant: what start_server 0.35 accepts means the same here, and a
// file that one of the two wrote serves the other. Where this package differs,
// it refuses, at once and with a remedy, what would wait for ever or signal a
// stranger in Perl.
//
// The package decides nothing about children. It holds what stands around the
// supervisor and needs no loop:
//
//	options, err := starter.Parse(argv[1:]) // err is a *starter.UsageError
//	if options.Restart {
//		return starter.Restart(options.PidFile, options.StatusFile, log.Printf)
//	}
//	var report *starter.Report
//	if options.Daemonize {
//		env, report, err = starter.Daemonize(argv, env) // returns in the daemon
//	}
//	pidFile, err := starter.CreatePidFile(options.PidFile)
//	defer pidFile.Remove()
//	report.Up() // only now the first process exits
package starter
