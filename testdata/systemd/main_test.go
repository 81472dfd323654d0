//go:build systemd

package systemd

import (
	"flag"
	"os"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

func TestMain(m *testing.M) {
	systemdtest.Stage()
	_ = flag.Set("test.parallel", "8") // stories wait more than they compute
	os.Exit(m.Run())
}

// stories are told side by side in one machine of each version.
var stories = map[string]func(*testing.T, *systemdtest.Machine){
	"the shipped pair is clean":               shippedPairIsClean,
	"the first connection starts the service": firstConnectionStarts,
	"quick start by systemd-run":              quickStart,
	"systemd as a user":                       asUser,
	"User=nobody":                             asNobody,
	"DynamicUser=":                            asDynamicUser,

	"twenty swaps under load":             twentySwaps,
	"twenty reloads under load":           twentyReloads,
	"reloads that fail":                   reloadsFail,
	"no stall while a child boots":        slowBoot,
	"HUP by hand":                         hupByHand,
	"a release that is switched":          releaseSwitched,
	"a crash after a deploy that failed":  crashAfterFailedDeploy,
	"an environment file that is changed": environmentChanged,
	"a command line that is changed":      commandLineChanged,
	"varlinkctl":                          varlinkctl,

	"the child crashes again and again":      childCrashLoop,
	"the service fails again and again":      serviceCrashLoop,
	"the watchdog replaces a stopped bridge": watchdogReplaces,
	"an environment file that hangs":         environmentHangs,

	"stop answers what is in flight":       stopAnswers,
	"stop ends a child that ignores TERM":  stopEndsStubborn,
	"a child that idles away":              idleExit,
	"a child that shuts its listener down": childShutsDown,

	"two socket units in either order": twoSocketUnits,
	"a port is added":                  portAdded,
	"every kind of socket":             everyKind,
	"IPv6 only beside IPv4":            ipv6Only,
}

func TestStories(t *testing.T) {
	for _, root := range systemdtest.Roots() {
		t.Run(root, func(t *testing.T) {
			m := systemdtest.Boot(t, root)
			t.Logf("%s: systemd %d", root, m.Version)
			m.Install(t, "../../cmd/sdbridge", "../children/kid", "../children/plain", "../tools/load")
			m.Write(t, "/etc/sysusers.d/app.conf", "u app -\n")
			m.Must(t, "systemd-sysusers")
			t.Run("slowly up and down", func(t *testing.T) { slowlyUpAndDown(t, m) })
			for name, story := range stories {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					story(t, m)
				})
			}
		})
	}
}
