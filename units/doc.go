// Package units holds the unit files that ship.
//
// The invariant: a client of the pair is never refused. The socket belongs to
// systemd from boot to shutdown; whatever the service does (reload, restart,
// crash, fail to start), clients wait in its queue. Every setting has its
// reason above it, and the pair runs unchanged on systemd 247 and later.
//
//	os.WriteFile("/etc/systemd/system/app.socket", []byte(units.Socket), 0o644)
//	os.WriteFile("/etc/systemd/system/app.service", []byte(units.Service), 0o644)
package units
