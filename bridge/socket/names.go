package socket

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/activation"
)

// ownUnits tells what to do about sockets that no name keeps apart.
const ownUnits = "give each a .socket unit with its own FileDescriptorName="

// handles are the names by which --select and --rename can mean a socket.
func handles(p Placed) []string {
	names := []string{p.FDName, p.asked, p.EntryName(), p.Entry}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// handleOf is a name that means all[i] and no other; "" where there is none.
func handleOf(all []Placed, i int) string {
	for _, name := range handles(all[i]) {
		if len(meant(all, name)) == 1 {
			return name
		}
	}
	return ""
}

func meant(all []Placed, name string) []int {
	var found []int
	for i, p := range all {
		if slices.Contains(handles(p), name) {
			found = append(found, i)
		}
	}
	return found
}

// find is the one socket that a name means.
func find(all []Placed, flag, name string) (int, error) {
	found := meant(all, name)
	switch len(found) {
	case 0:
		return -1, fmt.Errorf("%s %q means no socket: there are %s", flag, name, listing(all))
	case 1:
		return found[0], nil
	}
	var titles []string
	for _, i := range found {
		titles = append(titles, all[i].String())
	}
	return -1, fmt.Errorf("%s %q is ambiguous, it means %s: use a name that only one has, or %s",
		flag, name, strings.Join(titles, " and "), ownUnits)
}

func listing(all []Placed) string {
	if len(all) == 0 {
		return "none"
	}
	var lines []string
	for i, p := range all {
		line := p.String()
		if name := handleOf(all, i); name != "" {
			line = fmt.Sprintf("%q (%s)", name, p.Socket)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

// choose returns the positions of the selected ones; of all, without a selection.
func choose(all []Placed, selection []string) ([]int, error) {
	var chosen []int
	if len(selection) == 0 {
		for i := range all {
			chosen = append(chosen, i)
		}
		return chosen, nil
	}
	for _, name := range selection {
		i, err := find(all, "--select", name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(chosen, i) {
			return nil, fmt.Errorf("--select %q means %s, which is selected already: name it once", name, all[i].Socket)
		}
		chosen = append(chosen, i)
	}
	return chosen, nil
}

// rename looks all sockets up before it renames one, so that names can be
// exchanged.
func rename(placed []Placed, renames []Rename) error {
	targets := make([]int, len(renames))
	for k, r := range renames {
		i, err := find(placed, "--rename", r.Socket)
		if err != nil {
			return err
		}
		if p := placed[i]; !announced(p.Kind) {
			return fmt.Errorf("--rename %q means %s, which SERVER_STARTER_PORT cannot announce: drop the flag", r.Socket, p.Socket)
		}
		if r.Name == "" {
			return fmt.Errorf("--rename %q gives no name: write %s=NAME", r.Socket, r.Socket)
		}
		targets[k] = i
	}
	for k, r := range renames {
		placed[targets[k]].Entry = r.Name
	}
	return nil
}

func announced(k activation.Kind) bool { return k.Stream() || k == activation.UDP }

// checkEntries refuses what readers of SERVER_STARTER_PORT would misread.
func checkEntries(placed []Placed) error {
	first := map[string]int{}
	for i, p := range placed {
		if p.Entry == "" {
			continue
		}
		if at := strings.IndexAny(p.Entry, ";="); at >= 0 {
			return fmt.Errorf("entry name %q of %s has a %q, which SERVER_STARTER_PORT cannot hold: %s",
				p.Entry, p.Socket, p.Entry[at:at+1], renameRemedy(placed, i))
		}
		if k, clash := first[p.Entry]; clash {
			return fmt.Errorf("entry name %q is that of %s and of %s, and a child would lose one of them: %s",
				p.Entry, placed[k].Socket, p.Socket, renameRemedy(placed, i, k))
		}
		first[p.Entry] = i
	}
	return nil
}

// renameRemedy is the --rename to write for one of the candidates.
func renameRemedy(placed []Placed, candidates ...int) string {
	for _, i := range candidates {
		if name := handleOf(placed, i); name != "" {
			return "write --rename " + name + "=NAME"
		}
	}
	return ownUnits
}
