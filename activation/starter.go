package activation

import (
	"fmt"
	"strconv"
	"strings"
)

// FromStarter reads SERVER_STARTER_PORT: name=descriptor, joined by semicolons.
//
// A name says nothing of the kind of its socket; only [Inspect] does. It ends
// at the last "=" of its entry. Absent and empty announce nothing, one trailing
// ";" is allowed, and names may repeat. The error is an [*EnvError] when an
// entry has no name or no descriptor, or a descriptor comes twice.
func FromStarter(lookup func(string) (string, bool)) ([]Handed, error) {
	value, _ := lookup(StarterPort)
	list := strings.TrimSuffix(value, ";")
	if list == "" {
		return nil, nil
	}
	var handed []Handed
	names := map[int]string{}
	for entry := range strings.SplitSeq(list, ";") {
		h, err := parseEntry(entry)
		if err != nil {
			return nil, err
		}
		if first, twice := names[h.FD]; twice {
			return nil, entryError(entry, fmt.Sprintf("has the descriptor that %q has", first))
		}
		names[h.FD] = h.Name
		handed = append(handed, h)
	}
	return handed, nil
}

func parseEntry(entry string) (Handed, error) {
	i := strings.LastIndex(entry, "=")
	if i < 0 {
		return Handed{}, entryError(entry, `has no "="`)
	}
	name, number := entry[:i], entry[i+1:]
	if name == "" {
		return Handed{}, entryError(entry, `has no name before its "="`)
	}
	fd, err := strconv.ParseUint(number, 10, 31)
	if err != nil {
		return Handed{}, entryError(entry, `has no descriptor number after its "="`)
	}
	return Handed{FD: int(fd), Name: name}, nil
}

func entryError(entry, problem string) error {
	return &EnvError{
		Var: StarterPort, Value: entry, Problem: problem,
		Remedy: "write name=descriptor;name=descriptor as start_server does, or unset it",
	}
}

// Entry is a socket as SERVER_STARTER_PORT announces it.
type Entry struct {
	Name string // entry name
	FD   int    // descriptor number in the child
}

// StarterValue renders SERVER_STARTER_PORT; no entries give "". The error is an
// [*EnvError] when a name is empty, holds a character that separates entries,
// or comes twice (most readers keep the entries in a hash, and one socket would
// be lost silently), or when the value is longer than one variable can be.
func StarterValue(entries []Entry) (string, error) {
	parts := make([]string, len(entries))
	taken := map[string]int{}
	for i, e := range entries {
		problem := nameProblem(e.Name)
		if fd, clash := taken[e.Name]; clash {
			problem = fmt.Sprintf("is the name of descriptors %d and %d, and readers would lose one of them", fd, e.FD)
		}
		if problem != "" {
			return "", &EnvError{
				Var: StarterPort, Value: e.Name, Problem: problem,
				Remedy: "choose another entry name with --rename",
			}
		}
		taken[e.Name] = e.FD
		parts[i] = e.Name + "=" + strconv.Itoa(e.FD)
	}
	return fitting(StarterPort, strings.Join(parts, ";"))
}

func nameProblem(name string) string {
	switch {
	case name == "":
		return "is no name"
	case strings.Contains(name, ";"):
		return `holds a ";", which separates entries`
	case strings.Contains(name, "="):
		return `holds a "=", which separates name and descriptor`
	}
	return ""
}
