package main

import "testing"

func TestReachable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"tcp 0.0.0.0:80":          "127.0.0.1:80",
		"tcp 127.0.0.2:80":        "127.0.0.2:80",
		"tcp [::1]:80":            "[::1]:80",
		"tcp [::]:1 (dual-stack)": "[::1]:1", // nobody is there
		"unix /run/app.sock":      "/run/app.sock",
		"unix @app":               "@app",
		"unix-datagram /run/log":  "",
		"udp 0.0.0.0:80":          "",
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
