//go:build systemd

package systemd

import (
	"os"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

func TestMain(m *testing.M) {
	systemdtest.Stage()
	os.Exit(m.Run())
}

// stories are told side by side in one machine of each version.
var stories = map[string]func(*testing.T, *systemdtest.Machine){
	"the shipped pair is clean":               shippedPairIsClean,
	"the first connection starts the service": firstConnectionStarts,
	"twenty swaps under load":                 twentySwaps,
	"two socket units in either order":        twoSocketUnits,
	"the child crashes again and again":       childCrashLoop,
	"the service fails again and again":       serviceCrashLoop,
	"stop answers what is in flight":          stopAnswers,
	"stop ends a child that ignores TERM":     stopEndsStubborn,
	"every kind of socket":                    everyKind,
	"IPv6 only beside IPv4":                   ipv6Only,
	"quick start by systemd-run":              quickStart,
	"the watchdog replaces a stopped bridge":  watchdogReplaces,
	"reload":                                  reloadCommits,
	"a reload that fails":                     reloadFails,
}

func TestStories(t *testing.T) {
	for _, root := range systemdtest.Roots() {
		t.Run(root, func(t *testing.T) {
			m := systemdtest.Boot(t, root)
			t.Logf("%s: systemd %d", root, m.Version)
			m.Install(t, "../../cmd/sdbridge", "../children/kid", "../children/plain", "../tools/load")
			m.Write(t, "/etc/sysusers.d/app.conf", "u app -\n")
			m.Must(t, "systemd-sysusers")
			for name, story := range stories {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					story(t, m)
				})
			}
		})
	}
}
