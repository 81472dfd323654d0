// Package systemdtest boots a real systemd in private namespaces.
//
// The invariant: what happens in a machine stays there. It has mounts (/tmp
// and /run among them, which systemd empties), processes, network, host name
// and cgroups of its own; it sees the kernel's settings, but cannot write them;
// what it changes on its disk is an overlay in memory. It ends with the test,
// and the test fails when anything of it is left.
//
//	func TestMain(m *testing.M) {
//		systemdtest.Stage()
//		os.Exit(m.Run())
//	}
//
//	func TestVersion(t *testing.T) {
//		m := systemdtest.Boot(t, "trixie")
//		t.Log(m.Must(t, "systemctl", "--version"))
//	}
//
// SDBRIDGE_SYSTEMD says where: "host" (this system's own files) and suites of
// Debian, as in "host,trixie,sid". A suite is fetched once, by debootstrap,
// into the user's cache directory. The packages are built with the tag systemd
// only, and need root and a kernel with cgroup2 and overlayfs.
package systemdtest
