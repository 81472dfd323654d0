package main

import (
	"slices"
	"strings"
	"testing"
)

func TestBridgeAndChild(t *testing.T) {
	t.Parallel()
	for show, want := range map[string][2]string{
		"{ path=/usr/bin/sdbridge ; argv[]=/usr/bin/sdbridge run --ready=notify -- starman a.psgi ; ignore_errors=no }": {"/usr/bin/sdbridge run --ready=notify", "starman a.psgi"},
		"{ path=/usr/bin/app ; argv[]=/usr/bin/app --port 80 ; ignore_errors=no }":                                      {"", "/usr/bin/app --port 80"},
		"": {"", ""},
	} {
		flags, command := bridgeAndChild([]string{show})
		if !slices.Equal(flags, strings.Fields(want[0])) || !slices.Equal(command, strings.Fields(want[1])) {
			t.Errorf("%s: %q and %q", show, flags, command)
		}
	}
}

func TestCannotDrill(t *testing.T) {
	for wanted, properties := range map[string]map[string][]string{
		"there is no unit": {"LoadState": {"not-found"}},
		"is not active":    {"LoadState": {"loaded"}, "ActiveState": {"failed"}},
		"ExecReload=":      {"LoadState": {"loaded"}, "ActiveState": {"active"}, "CanReload": {"no"}},
	} {
		if err := canDrill("app.service", properties); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("got %v, want %q", err, wanted)
		}
	}
}
