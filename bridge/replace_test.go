package bridge

import (
	"errors"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/bridge/process"
)

func TestReplacementsComeLaterAndLater(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		for n := 2; n <= 8; n++ {
			w.children[n] = child{life: second / 2, code: 1}
		}
		w.serve()
		w.kill(100, process.Exit{})
		w.at(60 * second)
		w.saw(`
			20s ended 1, current: exited 0
			20s back-off 1: 0s
			20s spawned 2
			20.5s failed 2: exited 1
			20.5s back-off 2: 1s
			21.5s spawned 3
			22s failed 3: exited 1
			22s back-off 3: 2s
			24s spawned 4
			24.5s failed 4: exited 1
			24.5s back-off 4: 4s
			28.5s spawned 5
			29s failed 5: exited 1
			29s back-off 5: 8s
			37s spawned 6
			37.5s failed 6: exited 1
			37.5s back-off 6: 10s
			47.5s spawned 7
			48s failed 7: exited 1
			48s back-off 6: 10s
			58s spawned 8
			58.5s failed 8: exited 1
			58.5s back-off 6: 10s`)
	})
}

func TestFailuresAreForgottenAfterTenSecondsAsCurrent(t *testing.T) {
	for _, tt := range []struct {
		name string
		life time.Duration // of generation 2, which is current after 1 s of it
		want string
	}{
		{"not yet", 10 * second, `
			30s ended 2, current: exited 0
			30s back-off 2: 1s
			31s spawned 3
			32s current 3`},
		{"forgotten", 12 * second, `
			32s ended 2, current: exited 0
			32s back-off 1: 0s
			32s spawned 3
			33s current 3`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, runRules(), func(w *fakeWorld) {
				w.children[2] = child{life: tt.life}
				w.serve()
				w.kill(100, process.Exit{})
				w.at(25 * second)
				w.seen()
				w.at(40 * second)
				w.saw(tt.want)
			})
		})
	}
}

func TestRequestDuringTheBackOffSpawnsAtOnceAndLooksAnew(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		for n := 2; n <= 4; n++ {
			w.children[n] = child{life: second / 2, code: 1}
		}
		w.kill(100, process.Exit{})
		w.at(25 * second)
		w.seen()
		w.release = "/fixed/app"
		w.hup()
		w.at(60 * second)
		w.saw(`
			25s asked
			25s spawned 5 from /fixed/app
			26s current 5`)
	})
}

func TestReplacementRepeatsTheLastCurrentOneAfterAFailedDeploy(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.release = "/good/app"
		w.hup()
		w.at(30 * second)
		w.seen()
		w.release = "/broken/app"
		w.children[3] = child{life: second / 2, code: 1}
		w.hup()
		w.at(40 * second)
		w.kill(200, process.Exit{})
		w.at(50 * second)
		w.saw(`
			30s asked
			30s spawned 3 from /broken/app
			30.5s failed 3: exited 1; 2 serves
			40s ended 2, current: exited 0
			40s back-off 1: 0s
			40s spawned 4 from /good/app
			41s current 4`)
	})
}

func TestReplacementLooksAnewWhereItCannotRepeat(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.release = "/new/app"
		w.repeatFails = errors.New("the release is gone")
		w.kill(100, process.Exit{})
		w.at(40 * second)
		w.saw(`
			20s ended 1, current: exited 0
			20s back-off 1: 0s
			20s cannot repeat for 2: the release is gone
			20s spawned 2 from /new/app
			21s current 2`)
	})
}
