// Package pair writes the .socket and the .service for a start_server command
// line.
//
// The invariant: what is written works the first time, or nothing is written. A
// value that the line does not say is asked for, by the flag that gives it, and
// never guessed; what cannot be carried over is said, in the unit and in Notes.
// The pair is the one that ships in package units, with its reasons, and differs
// from it where the line does.
//
//	services, err := porting.Read(text, porting.Source{Path: "run"})
//	p, err := pair.Make(services[0], pair.Options{Name: "app", User: "www"})
//	os.WriteFile("/etc/systemd/system/app.socket", []byte(p.Socket), 0o644)
//	os.WriteFile("/etc/systemd/system/app.service", []byte(p.Service), 0o644)
package pair
