package process

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const statTail = " 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 3 0 98765 1000 20 18446744073709551615 1 1"

func TestParseStat(t *testing.T) {
	want := Process{PID: 12, Parent: 3, Group: 4, Session: 5, Start: 98765, State: 'S', threads: 3}
	for _, comm := range []string{"cat", "", "a b", ")", "x) S 9 9 9 (", "((", ") R 1 ("} {
		if got, err := parseStat([]byte("12 (" + comm + ") S 3 4 5" + statTail)); got != want || err != nil {
			t.Errorf("%q: %+v, %v", comm, got, err)
		}
	}
	for _, line := range []string{
		"", "12", "12 (cat", "12 (cat)", "12 (cat) S 3 4 5", "x (cat) S 3 4 5" + statTail,
		"12 (cat) S x 4 5" + statTail, "12 (cat) S 3 4 5" + strings.Replace(statTail, "98765", "-1", 1), ") 12 (",
	} {
		if got, err := parseStat([]byte(line)); err == nil || got != (Process{}) {
			t.Errorf("%q: %+v, no error", line, got)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("12 (cat) S 3 4 5" + statTail))
	f.Add([]byte("12 (a) b) Z 3 4 5" + statTail))
	f.Add([]byte(") ("))
	f.Fuzz(func(t *testing.T, line []byte) {
		if p, err := parseStat(line); err != nil && p != (Process{}) {
			t.Errorf("%q: %+v with %v", line, p, err)
		}
	})
}

func TestReadStat(t *testing.T) {
	leaveNothing(t)
	p, err := readStat(os.Getpid(), nil)
	if err != nil || p.PID != os.Getpid() || p.Parent != os.Getppid() || p.Group != unix.Getpgrp() || p.Start == 0 {
		t.Errorf("%+v, %v", p, err)
	}
	pid, input := start(t, cat(t))
	input.close()
	ended(t, pid)
	if p, err := readStat(pid, nil); !gone(err) {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestReadTable(t *testing.T) {
	parent := "500"
	for name, test := range map[string]struct {
		read func(pid int) (string, error)
		pids error
		want map[int]int // parents
		err  error
	}{
		"hidden and gone ones": {
			read: func(pid int) (string, error) {
				return "", map[int]error{1: unix.EACCES, 100: unix.ENOENT, 500: unix.ESRCH}[pid]
			},
			want: map[int]int{},
		},
		"the parent ends meanwhile": {
			read: func(pid int) (string, error) {
				switch pid {
				case 1:
					return "1 (init) S 0 1 1" + statTail, nil
				case 100:
					defer func() { parent = "1" }()
					return "100 (worker) S " + parent + " 1 1" + statTail, nil
				}
				return "", unix.ENOENT
			},
			want: map[int]int{1: 0, 100: 1},
		},
		"no descriptors left": {read: func(int) (string, error) { return "", unix.EMFILE }, err: unix.EMFILE},
		"no /proc":            {pids: unix.ENOENT, err: unix.ENOENT},
	} {
		t.Run(name, func(t *testing.T) {
			fake(t, func(s *sys) {
				s.pids = func() ([]int, error) { return []int{1, 100, 500}, test.pids }
				s.readProc = func(pid int, _ string, _ []byte) ([]byte, error) {
					text, err := test.read(pid)
					return []byte(text), err
				}
			})
			table, err := readTable(system.pids)
			if !errors.Is(err, test.err) || len(table) != len(test.want) {
				t.Fatalf("%v, %v", table, err)
			}
			for pid, parent := range test.want {
				if table[pid].Parent != parent {
					t.Errorf("%+v, want parent %d", table[pid], parent)
				}
			}
		})
	}
}
