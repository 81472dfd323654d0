package starter

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEnviron(t *testing.T) {
	o, err := Parse(words("--envdir /e --enable-auto-restart --auto-restart-interval=9 --kill-old-delay 3 app"))
	if err != nil {
		t.Fatal(err)
	}
	want := words("ENVDIR=/e ENABLE_AUTO_RESTART=1 KILL_OLD_DELAY=3 AUTO_RESTART_INTERVAL=9")
	if got := o.Environ(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (&Options{}).Environ(); len(got) != 0 {
		t.Errorf("options that were not given set %q", got)
	}
	if got := (&Options{EnableAutoRestart: new(false)}).Environ(); !slices.Equal(got, words("ENABLE_AUTO_RESTART=0")) {
		t.Errorf("auto-restart switched off sets %q", got)
	}
}

func TestReadOverrides(t *testing.T) {
	tests := map[string]Overrides{
		"":                                              {},
		"ENVDIR=/e X=1":                                 {EnvDir: "/e"},
		"KILL_OLD_DELAY=2":                              {KillOldDelay: 2 * time.Second},
		"KILL_OLD_DELAY=2.5s":                           {KillOldDelay: 2500 * time.Millisecond},
		"KILL_OLD_DELAY=1e1":                            {KillOldDelay: 10 * time.Second},
		"KILL_OLD_DELAY=abc":                            {},
		"KILL_OLD_DELAY=-4":                             {},
		"KILL_OLD_DELAY=1e999":                          {KillOldDelay: seconds(1e300)},
		"ENABLE_AUTO_RESTART=0":                         {},
		"ENABLE_AUTO_RESTART=":                          {},
		"AUTO_RESTART_INTERVAL=5":                       {},
		"ENABLE_AUTO_RESTART=1":                         {AutoRestart: true, AutoRestartInterval: 360 * time.Second, KillOldDelay: 5 * time.Second},
		"ENABLE_AUTO_RESTART=0.0":                       {AutoRestart: true, AutoRestartInterval: 360 * time.Second, KillOldDelay: 5 * time.Second},
		"ENABLE_AUTO_RESTART=no":                        {AutoRestart: true, AutoRestartInterval: 360 * time.Second, KillOldDelay: 5 * time.Second},
		"ENABLE_AUTO_RESTART=1 X=0":                     {AutoRestart: true, AutoRestartInterval: 360 * time.Second, KillOldDelay: 5 * time.Second},
		"KILL_OLD_DELAY=3 KILL_OLD_DELAY":               {KillOldDelay: 3 * time.Second},
		"KILL_OLD_DELAY=3 KILL_OLD_DELAY=1":             {KillOldDelay: time.Second},
		"ENABLE_AUTO_RESTART=1 KILL_OLD_DELAY=":         {AutoRestart: true, AutoRestartInterval: 360 * time.Second},
		"ENABLE_AUTO_RESTART=1 AUTO_RESTART_INTERVAL=0": {AutoRestart: true, AutoRestartInterval: 360 * time.Second, KillOldDelay: 5 * time.Second},
		"ENABLE_AUTO_RESTART=1 AUTO_RESTART_INTERVAL=x KILL_OLD_DELAY=0":   {AutoRestart: true, AutoRestartInterval: time.Second},
		"ENABLE_AUTO_RESTART=1 AUTO_RESTART_INTERVAL=10m KILL_OLD_DELAY=1": {AutoRestart: true, AutoRestartInterval: 10 * time.Second, KillOldDelay: time.Second},
	}
	for env, want := range tests {
		if got := ReadOverrides(words(env)); got != want {
			t.Errorf("%s: %+v, want %+v", env, got, want)
		}
	}
}

func FuzzReadOverrides(f *testing.F) {
	for _, seed := range []string{"", "5", "1e5", "-1", " 7x", "0x10", ".5", "Inf"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		o := ReadOverrides([]string{"ENABLE_AUTO_RESTART=1", "AUTO_RESTART_INTERVAL=" + value, "KILL_OLD_DELAY=" + value})
		if o.AutoRestartInterval < time.Second || o.KillOldDelay < 0 {
			t.Errorf("%q: %+v", value, o)
		}
		if !strings.ContainsAny(value, "123456789") && o.KillOldDelay != 0 {
			t.Errorf("%q: %+v", value, o)
		}
	})
}
