// Package porting reads start_server command lines as people have written them:
// in shell scripts, run files, units, Procfiles, Dockerfiles, Makefiles,
// supervisord's configuration and the history of a shell.
//
// The invariant: nothing is run and nothing is guessed. A value is in a Service
// because the text gives it, or a file that it names; what only running the text
// would give is in Missing, with the flag that gives it; what was left out is in
// Notes.
//
//	services, err := porting.Read(text, porting.Source{Path: "/etc/sv/app/run"})
//	for _, s := range services {
//		fmt.Println(s.Options.Ports, s.Command) // [5000] [plackup -s Starlet app.psgi]
//	}
//
// start_server is told by its name anywhere in one simple command, also where
// that command is the argument of sh -c, su -c or an alias. What stands before
// it is a wrapper, and is turned into a line of the unit, dropped, or kept in
// front of the child (see the table in wrappers.go).
package porting
