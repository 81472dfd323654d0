package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// --port says what the child is to get: what was handed over is taken, under
// the name that start_server gives it, and only the rest is bound.
func TestFlagsTakeWhatWasHandedOver(t *testing.T) {
	t.Parallel()
	bare, bound, path := freePort(t), freePort(t), shortDir(t)+"/sock"
	file := filepath.Join(t.TempDir(), "env")
	p := startActivated(t, "[::]:"+bare+","+path, "--path", path, "--port", bare, "--port", "127.0.0.1:"+bound,
		"--", binary(t, "kid"), "-env", file)
	p.up(1)
	wantVariable(t, file, "SERVER_STARTER_PORT", bare+"=3;127.0.0.1:"+bound+"=4;"+path+"=5")
	for _, addr := range []string{"127.0.0.1:" + bare, "[::1]:" + bare, "127.0.0.1:" + bound, path} {
		wantGeneration(t, addr, 1)
	}
	p.stop()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("what was handed over is not the bridge's to remove: %v", err)
	}
}

// traefik/traefik#9891: names are the sockets', whatever their order.
func TestSelectAndRename(t *testing.T) {
	t.Parallel()
	web, admin := freeAddr(t), freeAddr(t)
	for _, order := range [][2]string{{web + "," + admin, "web:admin"}, {admin + "," + web, "admin:web"}} {
		file := filepath.Join(t.TempDir(), "env")
		argv := append([]string{binary(t, "act"), "-names", order[1], order[0], "--"},
			sdbridge(t, "--select=admin,web", "--rename=web=8080", "--", binary(t, "kid"), "-env", file)...)
		p := start(t, nil, argv...)
		p.up(1)
		wantVariable(t, file, "SERVER_STARTER_PORT", admin+"=3;8080=4")
		wantVariable(t, file, "LISTEN_FDNAMES", "admin:web")
		p.stop()
	}
}

// A number that was asked for (--port=8080=N) is there as well as in the list.
func TestPortAtADescriptor(t *testing.T) {
	t.Parallel()
	port, other, file := freePort(t), freePort(t), filepath.Join(t.TempDir(), "env")
	p := startBridge(t, "--port", port+"=7", "--port", other, "--", binary(t, "kid"), "-env", file)
	p.up(1)
	wantVariable(t, file, "SERVER_STARTER_PORT", port+"=7;"+other+"=3")
	wantGeneration(t, "127.0.0.1:"+port, 1)
}

// sd_listen_fds(3) knows kinds of descriptors that have no entry name: those go
// on in LISTEN_FDS.
func TestOtherKindsOfDescriptor(t *testing.T) {
	t.Parallel()
	dir, addr := shortDir(t), freeAddr(t)
	file := filepath.Join(dir, "env")
	p := startActivated(t, "fifo:"+dir+"/fifo,"+addr+",netlink:,file:/dev/null,dgram:"+dir+"/dgram",
		"--", binary(t, "kid"), "-env", file)
	p.up(1)
	wantVariable(t, file, "LISTEN_FDS", "5")
	wantVariable(t, file, "SERVER_STARTER_PORT", addr+"=4")
	p.swap(2)
	wantGeneration(t, addr, 2)
}

// A name says nothing of the kind: lestrrat-go/server-starter PR#25.
func TestNameThatLooksLikeAnother(t *testing.T) {
	t.Parallel()
	path, file := shortDir(t)+"/sock", filepath.Join(t.TempDir(), "env")
	argv := append([]string{binary(t, "act"), path, "--", "env", "-u", "LISTEN_FDS", "SERVER_STARTER_PORT=127.0.0.1:80=3"},
		sdbridge(t, "--", binary(t, "kid"), "-env", file)...)
	p := start(t, nil, argv...)
	p.up(1)
	wantVariable(t, file, "SERVER_STARTER_PORT", "127.0.0.1:80=3")
	wantGeneration(t, path, 1)
}

// The child has what was announced, and nothing else of the bridge's or of
// whatever started it: golang/go#37857.
func TestChildHasNoOtherDescriptor(t *testing.T) {
	t.Parallel()
	argv := append([]string{"sh", "-c", `exec 8</dev/null 9</dev/null; exec "$@"`, "sh"},
		sdbridge(t, "--port", freeAddr(t), "--", "sleep", "601")...)
	p := start(t, nil, argv...)
	p.up(1)
	for _, q := range p.named("sleep 601") {
		if n := descriptors(t, q.pid); q.pid != p.pid() && n != 4 {
			t.Errorf("the child has %d descriptors, want 0 to 3", n)
		}
	}
}

// systemd-socket-activate sets no LISTEN_FDNAMES: containers/podman#10435.
func TestSystemdSocketActivate(t *testing.T) {
	activate, err := exec.LookPath("systemd-socket-activate")
	if err != nil {
		t.Skip("no systemd-socket-activate")
	}
	for dialect, command := range map[string][]string{
		"run":          sdbridge(t, "--"),
		"start_server": {binary(t, "start_server"), "--interval=0", "--"},
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			addr, file := freeAddr(t), filepath.Join(t.TempDir(), "env")
			argv := append([]string{activate, "-E", "SDBRIDGE_TEST", "-l", addr}, command...)
			p := start(t, nil, append(argv, binary(t, "kid"), "-env", file)...)
			p.await("Listening on")
			wantGeneration(t, addr, 1)
			wantVariable(t, file, "SERVER_STARTER_PORT", addr+"=3")
			if dialect == "run" {
				wantVariable(t, file, "LISTEN_FDNAMES", "unknown")
				p.swap(2)
				wantGeneration(t, addr, 2)
			}
		})
	}
}

// A shell as leader: what it starts has another pid than LISTEN_PID says, and is
// served by the other convention.
func TestShellAsLeader(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startActivated(t, addr, "--", "sh", "-c", binary(t, "kid")+"; true")
	p.up(1)
	wantGeneration(t, addr, 1)
}

// The service manager is told once that all is well, and once that it ends.
func TestNotify(t *testing.T) {
	t.Parallel()
	addr, messages := freeAddr(t), filepath.Join(t.TempDir(), "messages")
	argv := append([]string{binary(t, "act"), "-notify", messages, addr, "--"}, sdbridge(t, "--", binary(t, "kid"))...)
	p := start(t, nil, argv...)
	p.up(1)
	await(t, "READY=1", func() bool { return strings.Contains(readFile(t, messages), "READY=1") })
	p.swap(2)
	p.stop()
	await(t, "STOPPING=1", func() bool { return strings.Contains(readFile(t, messages), "STOPPING=1") })
	for line := range strings.SplitSeq(readFile(t, messages), "\n") {
		if strings.Contains(line, "MAINPID") {
			t.Errorf("the main process never changes: %s", line)
		}
	}
}

// A server that is known is not handed what it dies of without a word.
func TestUnfitSocket(t *testing.T) {
	t.Parallel()
	starman := filepath.Join(t.TempDir(), "starman")
	if err := os.Symlink(binary(t, "kid"), starman); err != nil {
		t.Fatal(err)
	}
	addr := "[::1]:" + freePort(t)
	path := shortDir(t) + "/socket"
	p := startActivated(t, addr+","+path, "--", starman)
	p.up(1)
	p.await("tcp " + addr + " is an IPv6 socket, of which starman dies: its clients will be reset; write ListenStream=0.0.0.0:")
	p.await("unix " + path + " is handed to starman, which takes every socket for TCP: give it a port")
}
