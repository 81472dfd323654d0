package bridge

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/process"
)

// phases bring a bridge that tells its former ones QUIT and those that it stops
// USR1 to a moment; told are then the leaders that are to hear of a stop, once
// they can.
var phases = []struct {
	name  string
	reach func(w *fakeWorld)
	told  []string
}{
	{"preparing", func(w *fakeWorld) {
		w.prepareTakes = 10 * second
		w.start()
	}, nil},
	{"spawning", func(w *fakeWorld) {
		w.children[1] = child{forkTakes: 10 * second}
		w.start()
	}, []string{"100"}},
	{"executing", func(w *fakeWorld) {
		w.children[1] = child{execTakes: 10 * second}
		w.start()
	}, []string{"100"}},
	{"starting", func(w *fakeWorld) { w.start() }, []string{"100"}},
	{"current", func(w *fakeWorld) { w.serve() }, []string{"100"}},
	{"beside one that is preparing", func(w *fakeWorld) {
		w.serve()
		w.prepareTakes = 10 * second
		w.hup()
	}, []string{"100"}},
	{"proving", func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(22 * second)
	}, []string{"100", "200"}},
	{"draining", func(w *fakeWorld) {
		w.children[1] = child{drains: 30 * second}
		w.serve()
		w.hup()
		w.at(30 * second)
	}, []string{"100", "200"}},
	{"back-off", func(w *fakeWorld) {
		w.children[2] = child{life: second / 2}
		w.serve()
		w.kill(100, process.Exit{})
		w.at(20*second + second*3/4)
	}, nil},
}

func TestStopInEveryPhase(t *testing.T) {
	for _, asked := range []struct{ by, tells unix.Signal }{
		{unix.SIGTERM, unix.SIGUSR1}, {unix.SIGQUIT, unix.SIGUSR1}, {unix.SIGINT, unix.SIGTERM},
	} {
		for _, mode := range []Config{runRules(), starterRules()} {
			mode.SignalOnHup, mode.SignalOnTerm = unix.SIGQUIT, unix.SIGUSR1
			mode.Probation = 2 * second
			for _, phase := range phases {
				name := process.SignalName(asked.by) + " " + phase.name + when(mode.Starter, ", start_server")
				t.Run(name, func(t *testing.T) {
					inWorld(t, mode, func(w *fakeWorld) {
						phase.reach(w)
						w.seen()
						w.send(asked.by)
						w.at(100 * second)
						w.leadersHeard(asked.tells, phase.told)
						w.exited(0)
					})
				})
			}
		}
	}
}

// leadersHeard checks that the signals sent are these.
func (w *fakeWorld) leadersHeard(sig unix.Signal, pids []string) {
	w.t.Helper()
	var got, want []string
	for _, line := range w.seen() {
		if _, what, _ := strings.Cut(line, " "); strings.Contains(what, " to ") && !strings.HasPrefix(what, "stopping") {
			got = append(got, what)
		}
	}
	for _, pid := range pids {
		want = append(want, process.SignalName(sig)+" to "+pid)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("sent %q, not %q", got, want)
	}
}

func TestStopWaitsForTheSlowest(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{drains: 5 * second, workers: []worker{{waits: true}}}
		w.serve()
		w.send(unix.SIGTERM)
		w.at(30 * second)
		w.saw(`
			20s stopping by TERM: TERM to [1]
			20s TERM to 100
			25s ended 1, draining: exited 0
			26s TERM to 101
			26s told [101]
			26s reaped 101
			26s gone 0`)
		w.exited(0)
	})
}

func TestStartersStopWaitsForLeadersAlone(t *testing.T) {
	inWorld(t, starterRules(), func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{waits: true}}}
		w.serve()
		w.send(unix.SIGINT)
		w.saw(`
			20s stopping by INT: TERM to [1]
			20s TERM to 100
			20s ended 1, draining: exited 0
			20s gone 0`)
		w.processes = nil // nobody reaps the worker any more
	})
}

func TestNothingElseCountsWhileStopping(t *testing.T) {
	c := runRules()
	c.SignalOnTerm = unix.SIGQUIT
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{drains: 5 * second}
		w.serve()
		w.send(unix.SIGTERM)
		for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGQUIT, unix.SIGHUP, unix.SIGINT, unix.SIGUSR1} {
			w.send(sig)
		}
		w.at(30 * second)
		w.saw(`
			20s stopping by TERM: QUIT to [1]
			20s QUIT to 100
			20s ignored USR1
			25s ended 1, draining: exited 0
			25s gone 0`)
	})
}

func TestSecondIntKillsWhenItComesASecondLater(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first unix.Signal
	}{{"after INT", unix.SIGINT}, {"after TERM", unix.SIGTERM}} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, runRules(), func(w *fakeWorld) {
				w.children[1] = child{deaf: true, workers: []worker{{waits: true, deaf: true}}}
				w.serve()
				w.send(tt.first)
				w.send(unix.SIGINT)
				w.at(21*second - 1)
				w.send(unix.SIGINT)
				w.saw(`
					20s stopping by ` + process.SignalName(tt.first) + `: TERM to [1]
					20s TERM to 100`)
				w.at(21 * second)
				w.send(unix.SIGINT)
				w.saw(`
					21s aborted
					21s killed 1: 2 processes, 0 connections
					21s KILL to group 100
					21s ended 1, draining: killed by SIGKILL
					21s reaped 101
					21s gone 0`)
				w.exited(0)
			})
		})
	}
}

func TestAbortKillsAllGenerations(t *testing.T) {
	c := starterRules()
	c.Probation = 10 * second
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{deaf: true, workers: []worker{{}}}
		w.children[2] = child{deaf: true}
		w.children[3] = child{deaf: true, forkTakes: 20 * second}
		w.serve()
		w.hup()
		w.hup()
		w.at(32 * second)
		w.seen()
		w.send(unix.SIGINT)
		w.at(34 * second)
		w.send(unix.SIGINT)
		w.at(60 * second)
		w.saw(`
			32s stopping by INT: TERM to [1 2]
			32s TERM to 200
			34s aborted
			34s killed 1: 1 processes, 0 connections
			34s KILL to 100
			34s killed 2: 1 processes, 0 connections
			34s KILL to 200
			34s ended 1, draining: killed by SIGKILL
			34s ended 2, draining: killed by SIGKILL
			51s spawned 3
			51s KILL to 300
			51s ended 3, draining: killed by SIGKILL
			51s gone 0`)
		w.processes = nil // nobody reaps the worker any more
	})
}

func TestSignalThatMeansNothingIsIgnored(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.send(unix.SIGUSR1)
		w.at(30 * second)
		w.saw(`20s ignored USR1`)
	})
}
