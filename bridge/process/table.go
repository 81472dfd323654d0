package process

import (
	"errors"
	"fmt"
	"io/fs"
)

// readTable reads every process that can be seen. What is hidden (hidepid,
// ProtectProc=) is left out; any other error is one, lest a generation be taken
// for empty because there was no descriptor left to look with.
func readTable() (map[int]Process, error) {
	pids, err := system.pids()
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
