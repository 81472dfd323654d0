// Package check says what is wrong with a pair of a .socket and a .service unit.
//
// The invariant: it only reads. No unit is started, no command of a unit is run,
// and what cannot be told from the files is not guessed: a rule that is not sure
// is a hint.
//
// Units are found and put together as systemd does (systemd.unit(5)): by
// precedence of the directories, with drop-ins, aliases and templates. A service
// brings its sockets along, a socket its service. Each rule is one function in
// the table of rules.go.
//
//	findings, err := check.Host{RunFlags: flags}.Check("app.service")
//	check.Text(os.Stdout, findings)
//	if check.Faulty(findings) { … }
package check
