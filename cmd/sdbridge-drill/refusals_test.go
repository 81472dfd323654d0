package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	text := filepath.Join(t.TempDir(), "request")
	if err := os.WriteFile(text, []byte("hello\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for args, wanted := range map[string]string{
		"":                                 "nothing to drill",
		"--unit=a -- b":                    "exclude each other",
		"--unit=a --name=b":                "exclude each other",
		"--unit=a --run=--x":               `--run "--x"`,
		"--user -- a":                      "--user goes with --unit",
		"--nonsense":                       "unknown flag",
		"--swaps=0 -- a":                   "--swaps 0",
		"--clients=0 -- a":                 "--clients 0",
		"--slow=-1 -- a":                   "--slow -1",
		"--post=-1 -- a":                   "--post -1",
		"--timeout=0 -- a":                 "--timeout 0",
		"--pause=soon -- a":                "write seconds",
		"--keep-alive=perhaps -- a":        "write yes, no or both",
		"--url=https://a/ -- a":            "plain HTTP",
		"--url=a -- a":                     "plain HTTP",
		"--connect=8080 -- a":              "write HOST:PORT",
		"--connect=@a -- a":                "only systemd binds an abstract socket",
		"--slow=1 -- a":                    "needs a body",
		"--send=a --post=1 -- a":           "--send is not HTTP",
		"--request-file=/no/such -- a":     "no such file",
		"--request-file=" + text + " -- a": `request line "hello"`,
		"--request-file=" + text + " --post=1 -- a": "has its own path and body",
		"--unit=a":   "executable file not found",
		"--name=a/b": "is no name of a bridge",
		"-- ./app":   "install it there",
	} {
		var out, stderr bytes.Buffer
		status := execute(t.Context(), strings.Fields(args), &out, &stderr)
		if status != exitUsage && status != exitUnavailable || out.Len() > 0 || !strings.Contains(stderr.String(), wanted) {
			t.Errorf("%s: status %d, %q, %q; want %q", args, status, &out, &stderr, wanted)
		}
	}
}

func TestBridgeThatDoesNotStart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		says   string
		args   []string
	}{
		{exitUsage, "unknown flag: --nonsense", []string{"--run=--nonsense", "--", "true"}},
		{exitUnavailable, "cannot find command", []string{"--", "/no/such/program"}},
		{exitFailed, "the bridge ended before the command served", []string{"--", "false"}},
	} {
		_, stderr := drill(t, test.status, test.args...)
		want(t, stderr, test.says)
	}
}
