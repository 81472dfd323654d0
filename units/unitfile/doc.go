// Package unitfile reads unit files and command lines as systemd does,
// systemd.syntax(7) and systemd.service(5).
//
// The invariant: what systemd accepts is read, and what it merely ignores does not
// stop the reading. The deserializer of go-systemd is not used: it knows no line
// numbers, stops at the first line that systemd ignores, and takes no comment
// between continued lines.
//
//	settings, ignored := unitfile.Parse(text)
//	for _, s := range settings {
//		words, err := unitfile.Words(s.Value) // of an ExecStart=
//	}
package unitfile
