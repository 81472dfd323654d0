package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
	"github.com/sdbridge/sdbridge/units/servers"
)

// kinds says what each kind of loss means.
func kinds(r load.Result) (causes []string) {
	for _, k := range []struct {
		n    int
		text string
	}{
		{r.Reset + r.Closed, "ended before the answer: a process had accepted the connection, and closed it or ended without an answer"},
		{r.Cut, "broke off within the answer: the old generation ended while it wrote; it is told another signal than its graceful one, or --drain-timeout is too short"},
		{r.Refused, "refused: nobody listened for a while; the child closed the socket for all (sdbridge status), or the service stopped instead of swapping (sdbridge check)"},
		{r.TimedOut, "timed out: nobody accepted, or who did never answered; a candidate may count as ready before it accepts (--ready)"},
		{r.ServerErrors, "answered 5xx: the child accepts before its application is up (--ready=notify), or answers so while it stops"},
		{r.Wrong + r.Other, "ended otherwise: the answer is not what was asked for; look at the last one"},
	} {
		if k.n > 0 {
			causes = append(causes, fmt.Sprintf("%d %s", k.n, k.text))
		}
	}
	return causes
}

// libraries are known by what they leave in a program.
var libraries = []struct{ mark, cause string }{
	{"actix-http-", "actix-web closes at TERM kept connections on which a request is under way, and some that it has accepted and not read: at TERM, pause() the server, answer with force_close() for a second, then stop(true)"},
	{"axum-", "axum's graceful shutdown closes connections that it has accepted and not read: at TERM, stop accepting, answer with Connection: close for a second, then shut down"},
}

const (
	ofGo    = "it is a Go program: http.Server.Shutdown closes connections that were accepted and not read (golang/go#75591), and without it the program dies of TERM; serve by child.Serve of github.com/sdbridge/sdbridge/activation/child"
	unknown = "when it is told, the child must close its sockets, answer what it has accepted, and only then end; if it does so on another signal than %s, give sdbridge run --signal-on-hup=SIGNAL"
)

// childCause is what may be wrong with the child; flags are those of its bridge.
func childCause(command, flags []string) string {
	signal := signalOnHup(flags)
	if s := servers.Find(command); s.Name != "" {
		return serverCause(s, signal, flags != nil)
	}
	if cause := programCause(command); cause != "" {
		return cause
	}
	return fmt.Sprintf(unknown, signal)
}

// serverCause words it for a server that is known; sure tells that the signal is
// really that one.
func serverCause(s servers.Server, signal string, sure bool) string {
	flags := fmt.Sprintf("--signal-on-hup=%s --signal-on-term=%s", s.Graceful(), s.Graceful())
	switch {
	case signal != s.Graceful() && sure:
		return fmt.Sprintf("%s stops gracefully on %s, and is told %s: write sdbridge run %s", s.Name, s.Graceful(), signal, flags)
	case signal != s.Graceful():
		return strings.TrimSuffix(fmt.Sprintf("%s stops gracefully on %s: see that the bridge runs with %s; %s", s.Name, s.Graceful(), flags, s.Loses), "; ")
	case s.Loses != "":
		return s.Name + ": " + s.Loses
	}
	return fmt.Sprintf("%s stops gracefully on %s, which it is told, and is known to lose nothing: look at what the application does, and at --drain-timeout", s.Name, s.Graceful())
}

// signalOnHup is what tells an old generation to go.
func signalOnHup(flags []string) string {
	signal := "TERM"
	for i, word := range flags {
		value, found := strings.CutPrefix(word, "--signal-on-hup")
		switch {
		case !found:
		case strings.HasPrefix(value, "="):
			signal = value[1:]
		case value == "" && i+1 < len(flags):
			signal = flags[i+1]
		}
	}
	return strings.TrimPrefix(strings.ToUpper(signal), "SIG")
}

// programCause looks into the program.
func programCause(command []string) string {
	if len(command) == 0 {
		return ""
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return ""
	}
	if _, err := buildinfo.ReadFile(path); err == nil {
		return ofGo
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for _, l := range libraries {
		if bytes.Contains(text, []byte(l.mark)) {
			return l.cause
		}
	}
	return ""
}
