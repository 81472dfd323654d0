package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
)

// readTable reads every process of a list that can be seen. What is hidden
// (hidepid, ProtectProc=) is left out; any other error is one, lest a generation
// be taken for empty because there was no descriptor left to look with.
func readTable(list func() ([]int, error)) (map[int]Process, error) {
	pids, err := list()
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	table := make(map[int]Process, len(pids))
	if err := readInto(table, pids); err != nil {
		return nil, err
	}
	// Where a parent ended after its child was read, the child has another now.
	var again []int
	for pid, p := range table {
		if _, ok := table[p.Parent]; !ok && p.Parent != 0 {
			again = append(again, pid)
		}
	}
	return table, readInto(table, again)
}

func readInto(table map[int]Process, pids []int) error {
	buf := make([]byte, statSize)
	for _, pid := range pids {
		p, err := readStat(pid, buf)
		switch {
		case gone(err):
			delete(table, pid)
		case errors.Is(err, fs.ErrPermission):
		case err != nil:
			return err
		default:
			table[pid] = p
		}
	}
	return nil
}

// descendants lists the processes below one, by the lists of children that each
// thread has, proc_pid_task(5); of all processes where the kernel has no such
// lists (CONFIG_PROC_CHILDREN).
func descendants(of int) ([]int, error) {
	found, known := []int{of}, map[int]bool{of: true}
	for i := 0; i < len(found); i++ {
		children, err := childrenOf(found[i])
		switch {
		case err != nil && found[i] == of:
			return system.pids()
		case err != nil && !gone(err) && !errors.Is(err, fs.ErrPermission):
			return nil, err
		}
		for _, pid := range children {
			if !known[pid] { // as a pid that is used again could be
				known[pid] = true
				found = append(found, pid)
			}
		}
	}
	return found[1:], nil
}

func childrenOf(pid int) (children []int, err error) {
	threads, err := system.threads(pid)
	if err != nil {
		return nil, err
	}
	var buf []byte
	for _, thread := range threads {
		buf, err = system.readProc(pid, "task/"+strconv.Itoa(thread)+"/children", buf)
		if gone(err) && thread != pid {
			continue
		}
		if err != nil {
			return nil, err
		}
		for field := range bytes.FieldsSeq(buf) {
			if child, err := strconv.Atoi(string(field)); err == nil {
				children = append(children, child)
			}
		}
	}
	return children, nil
}
