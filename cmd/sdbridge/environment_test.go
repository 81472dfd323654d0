package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// environment waits for what kid's -env wrote.
func environment(t *testing.T, file string) map[string]string {
	t.Helper()
	env := map[string]string{}
	for line := range strings.Lines(awaitFile(t, file)) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			env[name] = value
		}
	}
	return env
}

func wantVariable(t *testing.T, file, name, want string) {
	t.Helper()
	if got, ok := environment(t, file)[name]; got != want || !ok {
		t.Errorf("%s=%q, set: %t; want %q", name, got, ok, want)
	}
}

func wantUnset(t *testing.T, file string, names ...string) {
	t.Helper()
	for _, name := range names {
		if got, ok := environment(t, file)[name]; ok {
			t.Errorf("%s=%q, want it unset", name, got)
		}
	}
}

// Both conventions at once, and LISTEN_PID is the child's own.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	addr, path, file := freeAddr(t), shortDir(t)+"/sock", filepath.Join(t.TempDir(), "env")
	argv := append([]string{binary(t, "act"), "-names=web:admin", "-pidfdid=self", addr + "," + path, "--"},
		sdbridge(t, "--", binary(t, "kid"), "-env", file)...)
	p := start(t, nil, argv...)
	p.up(1)
	wantVariable(t, file, "SERVER_STARTER_PORT", addr+"=3;"+path+"=4")
	wantVariable(t, file, "SERVER_STARTER_GENERATION", "1")
	wantVariable(t, file, "LISTEN_FDS", "2")
	wantVariable(t, file, "LISTEN_FDNAMES", "web:admin")
	wantVariable(t, file, "LISTEN_PID", fmt.Sprint(ask(t, addr).pid))
	wantUnset(t, file, "LISTEN_PIDFDID", "WATCHDOG_USEC")
}

// What systemd meant for the bridge, or for whatever started it, reaches no
// child: containers/podman#20968, systemd/systemd PR#38256.
func TestForeignAnnouncementsAreScrubbed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "env")
	stale := []string{
		"LISTEN_FDS=1", "LISTEN_PID=1", "LISTEN_PIDFDID=9", "LISTEN_FDNAMES=x", "NOTIFY_SOCKET=/nope", "WATCHDOG_USEC=1000000",
		"WATCHDOG_PID=1", "FDSTORE=3", "MAINPID=1", "SYSTEMD_EXEC_PID=1", "LSS2_SOCKET_TYPES=x", "SERVER_STARTER_GENERATION=41",
	}
	p := start(t, stale, sdbridge(t, "--port", freeAddr(t), "--export=starter", "--", binary(t, "kid"), "-env", file)...)
	p.up(1)
	p.await("LISTEN_PID=1 is not this process")
	wantVariable(t, file, "SERVER_STARTER_GENERATION", "1")
	for _, variable := range stale {
		switch name, _, _ := strings.Cut(variable, "="); name {
		case "SERVER_STARTER_GENERATION":
		case "NOTIFY_SOCKET": // it has one of its own
			if v := environment(t, file)[name]; v == "/nope" {
				t.Errorf("%s=%s is the bridge's own", name, v)
			}
		default:
			wantUnset(t, file, name)
		}
	}
}

func TestExportSystemd(t *testing.T) {
	t.Parallel()
	addr, file := freeAddr(t), filepath.Join(t.TempDir(), "env")
	p := startActivated(t, addr, "--export=systemd", "--", binary(t, "kid"), "-env", file)
	p.up(1)
	wantGeneration(t, addr, 1)
	wantVariable(t, file, "LISTEN_FDNAMES", "unknown")
	wantUnset(t, file, "SERVER_STARTER_PORT")
}

// kazuho/p5-Server-Starter#49: h2o takes an empty variable for an error.
func TestNoSocketAnnouncesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "env")
	script := "env >" + file + ".new; mv " + file + ".new " + file + "; exec sleep 600"
	p := startBridge(t, "--no-socket", "--", "sh", "-c", script)
	p.up(1)
	wantUnset(t, file, "SERVER_STARTER_PORT", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")
	p.stop()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	startStarter(t, "--", "sh", "-c", script)
	wantVariable(t, file, "SERVER_STARTER_PORT", "")
	wantUnset(t, file, "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")
}

// php/php-src PR#6550: of an outer start_server only what it has now counts.
func TestUnderAnOuterStarter(t *testing.T) {
	t.Parallel()
	dir, inner := t.TempDir(), sdbridge(t, "--")
	for _, ports := range [][]string{{freePort(t), freePort(t)}, {freePort(t)}} {
		file := filepath.Join(dir, fmt.Sprint(len(ports)))
		var args, want []string
		for i, port := range ports {
			args = append(args, "--port", port)
			want = append(want, fmt.Sprintf("%s=%d", port, 3+i))
		}
		args = append(append(append(args, "--"), inner...), binary(t, "kid"), "-env", file)
		p := startStarter(t, args...)
		p.up(1)
		wantVariable(t, file, "SERVER_STARTER_PORT", strings.Join(want, ";"))
		wantVariable(t, file, "LISTEN_FDS", fmt.Sprint(len(ports)))
		wantGeneration(t, "127.0.0.1:"+ports[0], 1)
		p.stop()
	}
}

// The environment is read again at each swap: additions, changes and removals.
func TestEnvironmentIsReadAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	envDir, envFile, file := filepath.Join(dir, "envdir"), filepath.Join(dir, "env"), filepath.Join(dir, "shown")
	if err := os.Mkdir(envDir, 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, envDir+"/STAYS", "1\n")
	writeFile(t, envDir+"/GOES", "1\n")
	writeFile(t, envFile, "CHANGES=\"old value\"\n")
	p := startBridge(t, "--port", freeAddr(t), "--envdir", envDir, "--env-file", envFile, "--env-file=-"+dir+"/absent",
		"--", binary(t, "kid"), "-env", file)
	p.up(1)
	wantVariable(t, file, "GOES", "1")
	wantVariable(t, file, "CHANGES", "old value")

	if err := os.Remove(envDir + "/GOES"); err != nil {
		t.Fatal(err)
	}
	writeFile(t, envFile, "CHANGES=new\nCOMES=1\n")
	p.swap(2)
	wantVariable(t, file, "STAYS", "1")
	wantVariable(t, file, "CHANGES", "new")
	wantVariable(t, file, "COMES", "1")
	wantUnset(t, file, "GOES")
}

func TestBadEnvironmentFileAtASwap(t *testing.T) {
	t.Parallel()
	addr, env := freeAddr(t), filepath.Join(t.TempDir(), "env")
	writeFile(t, env, "A=1\n")
	p := startBridge(t, "--port", addr, "--env-file", env, "--", binary(t, "kid"))
	p.up(1)
	writeFile(t, env, "A=1\nB=\"open\n")
	p.hup()
	p.await("swap failed: generation 2 cannot take the environment from --env-file")
	p.await("line 2")
	p.await("generation 1 keeps serving")
	if n := p.count("generation is starting"); n != 1 {
		t.Errorf("%d processes were spawned", n)
	}
	wantGeneration(t, addr, 1)
	writeFile(t, env, "A=1\n")
	p.swap(3)
	wantGeneration(t, addr, 3)
}

// A `current` symlink that was switched, the old release gone, the bridge's own
// directory with it, and a new binary in its place: contribsys/einhorn PR#80.
func TestNewRelease(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeAddr(t)
	for _, release := range []string{"1", "2"} {
		script := fmt.Sprintf("#!/bin/sh\nRELEASE=%s exec %s -env %s/shown\n", release, binary(t, "kid"), dir)
		if err := os.MkdirAll(dir+"/releases/"+release, 0o777); err != nil {
			t.Fatal(err)
		}
		writeFile(t, dir+"/releases/"+release+"/app", script)
		if err := os.Chmod(dir+"/releases/"+release+"/app", 0o777); err != nil { //nolint:gosec // it is to be executed
			t.Fatal(err)
		}
	}
	link(t, "releases/1", dir+"/current")
	copyBinary(t, dir+"/sdbridge")
	argv := sdbridge(t, "--dir", dir+"/current", "--port", addr, "--", "./app")
	argv[0] = dir + "/sdbridge"
	p := start(t, nil, append([]string{"sh", "-c", "cd " + dir + `/current && exec "$@"`, "sh"}, argv...)...)
	p.up(1)
	wantVariable(t, dir+"/shown", "RELEASE", "1")

	copyBinary(t, dir+"/new")
	if err := os.Rename(dir+"/new", dir+"/sdbridge"); err != nil {
		t.Fatal(err)
	}
	link(t, "releases/2", dir+"/current")
	if err := os.RemoveAll(dir + "/releases/1"); err != nil {
		t.Fatal(err)
	}
	p.swap(2)
	wantVariable(t, dir+"/shown", "RELEASE", "2")
	wantGeneration(t, addr, 2)
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func copyBinary(t *testing.T, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-L", binary(t, "sdbridge"), to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// Duplicates, no value, no name, bytes that are no text: nothing of it is an
// error, and the last of equal names counts.
func TestGarbageEnvironment(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "env")
	garbage := []string{"TWICE=1", "TWICE=2", "=x", "no value", "\xff\xfe=\xff", "EMPTY=", "A=B=C", "LONG=" + strings.Repeat("x", 100_000)}
	p := start(t, garbage, sdbridge(t, "--port", freeAddr(t), "--", binary(t, "kid"), "-env", file)...)
	p.up(1)
	wantVariable(t, file, "TWICE", "2")
	wantVariable(t, file, "EMPTY", "")
	wantVariable(t, file, "A", "B=C")
	wantVariable(t, file, "\xff\xfe", "\xff")
}
