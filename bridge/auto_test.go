package bridge

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/bridge/process"
)

func autoRules() Config {
	c := runRules()
	c.Auto = Auto{Enabled: true, Interval: 30 * second}
	return c
}

func TestAutoRestartIsDueAnIntervalAfterEachPromotion(t *testing.T) {
	inWorld(t, autoRules(), func(w *fakeWorld) {
		w.serve()
		w.hup() // current at 23s
		w.at(60 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			23s current 2 after 1
			23s TERM to 100
			23s ended 1, draining: exited 0
			53s auto restart
			53s spawned 3
			54s proving 3 beside [2]
			56s current 3 after 2
			56s TERM to 200
			56s ended 2, draining: exited 0`)
	})
}

func TestAutoRestartIsDueAgainAfterAFailedOne(t *testing.T) {
	inWorld(t, autoRules(), func(w *fakeWorld) {
		w.children[2] = child{life: second / 2, code: 1}
		w.serve()
		w.at(62 * second)
		w.saw(`
			31s auto restart
			31s spawned 2
			31.5s failed 2: exited 1; 1 serves
			1m1.5s auto restart
			1m1.5s spawned 3`)
	})
}

func TestAutoRestartWaitsForDrainingOnes(t *testing.T) {
	inWorld(t, autoRules(), func(w *fakeWorld) {
		w.children[1] = child{drains: 50 * second}
		w.serve()
		w.hup()
		w.at(24 * second)
		w.seen()
		w.at(74 * second)
		w.saw(`
			1m13s ended 1, draining: exited 0
			1m13s auto restart
			1m13s spawned 3
			1m14s proving 3 beside [2]`)
	})
}

func TestAutoRestartIsForcedAfterTwiceTheInterval(t *testing.T) {
	c := autoRules()
	c.DrainTimeout = 0
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{deaf: true}
		w.serve()
		w.hup()
		w.at(24 * second)
		w.seen()
		w.at(84 * second)
		w.saw(`
			1m23s auto restart forced
			1m23s spawned 3
			1m24s proving 3 beside [1 2]`)
	})
}

// enableRule lets the environment enable it for so many seconds: AUTO=30s.
func enableRule(env []string) Overrides {
	i := slices.IndexFunc(env, func(v string) bool { return len(v) > 5 && v[:5] == "AUTO=" })
	if i < 0 {
		return Overrides{}
	}
	d, err := time.ParseDuration(env[i][5:])
	return Overrides{Auto: Auto{err == nil, d}}
}

// environRules take the settings from --envdir.
func environRules() Config {
	c := starterRules()
	c.Launch.EnvDir = "/env"
	c.Overrides = enableRule
	return c
}

func TestEnvDirChangesTheIntervalWithinASecond(t *testing.T) {
	inWorld(t, environRules(), func(w *fakeWorld) {
		w.env = []string{"AUTO=100s"}
		w.serve()
		w.env = []string{"AUTO=25s"}
		w.at(27 * second)
		w.saw(`
			26s auto restart
			26s spawned 2
			27s proving 2 beside [1]
			27s current 2 after 1
			27s TERM to 100
			27s ended 1, draining: exited 0`)
		w.env = []string{"AUTO=10s"}
		w.at(30 * second)
		w.env = []string{"AUTO=1s"}
		w.at(31 * second)
		w.saw(`
			31s auto restart
			31s spawned 3`)
	})
}

func TestEnvDirDisablesAutoRestart(t *testing.T) {
	inWorld(t, environRules(), func(w *fakeWorld) {
		w.env = []string{"AUTO=30s"}
		w.serve()
		w.env = nil
		w.at(1000 * second)
		w.saw(``)
	})
}

func TestUnreadableEnvDirLeavesAutoRestartAsItIs(t *testing.T) {
	inWorld(t, environRules(), func(w *fakeWorld) {
		w.env = []string{"AUTO=30s"}
		w.serve()
		w.env, w.prepareFails = nil, errors.New("bad file")
		w.at(31*second - 1)
		w.saw(``)
		w.prepareFails = nil
		w.env = []string{"AUTO=30s"}
		w.at(31 * second)
		w.saw(`
			31s auto restart
			31s spawned 2`)
	})
}

func TestNothingIsDueWhileStopping(t *testing.T) {
	c := autoRules()
	c.DrainTimeout = 0
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{deaf: true}
		w.serve()
		w.send(15)
		w.seen()
		w.at(1000 * second)
		w.kill(100, process.Exit{})
		w.saw(`
			16m40s ended 1, draining: exited 0
			16m40s gone 0`)
	})
}
