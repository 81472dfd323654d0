// Package systemd tells stories of the bridge under a real systemd.
//
// The invariant of most of them: a client of the socket is answered, whatever
// happens to the service behind it. Each story has a pair of units of its own,
// made from the one that ships, and all stories of one version share a machine
// (see systemdtest). They need root and the tag systemd:
//
//	SDBRIDGE_SYSTEMD=host,trixie go test -tags systemd ./testdata/systemd/...
package systemd
