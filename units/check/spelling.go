package check

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed keys.txt
var keysText string

// keys are the settings that each section knows.
var keys = sync.OnceValue(func() map[string][]string {
	all, section := map[string][]string{}, ""
	for line := range strings.Lines(keysText) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			all[section] = append(all[section], strings.Fields(line)...)
		}
	}
	for _, kind := range []string{"Service", "Socket"} {
		all[kind] = append(all[kind], all["exec"]...)
	}
	delete(all, "exec")
	return all
})

func (p *pair) files() []*file {
	list := slices.Clone(p.sockets)
	if p.service != nil {
		list = append([]*file{p.service}, list...)
	}
	return list
}

func ignoredLine(p *pair) (found []Finding) {
	for _, f := range p.files() {
		for _, line := range f.ignored {
			where, text, _ := strings.Cut(line, ": ")
			found = append(found, f.finding(Hint, where, "systemd ignores the line "+text, "it is no section, no assignment and no comment, or stands before the first section", "Name=value, or # before it")...)
		}
	}
	return found
}

func unknownSetting(p *pair) (found []Finding) {
	for _, f := range p.files() {
		sections := map[string]bool{}
		for _, s := range f.settings {
			switch {
			case strings.HasPrefix(s.Section, "X-") || strings.HasPrefix(s.Name, "X-"):
			case !fits(f, s.Section):
				if !sections[s.Section] {
					found = append(found, f.finding(Hint, s.where, "["+s.Section+"] is no section of "+f.name, "systemd ignores all that stands in it", "["+nearest(s.Section, sectionsOf(f))+"]")...)
				}
				sections[s.Section] = true
			case !slices.Contains(keys()[s.Section], s.Name):
				found = append(found, f.unknown(s)...)
			}
		}
	}
	return found
}

func sectionsOf(f *file) []string {
	if strings.HasSuffix(f.name, ".socket") {
		return []string{"Unit", "Socket", "Install"}
	}
	return []string{"Unit", "Service", "Install"}
}

func fits(f *file, section string) bool { return slices.Contains(sectionsOf(f), section) }

func (f *file) unknown(s setting) []Finding {
	why := "systemd does not know it, and ignores it"
	for _, section := range []string{"Unit", "Service", "Socket", "Install"} {
		if slices.Contains(keys()[section], s.Name) {
			return f.finding(Hint, s.where, s.Name+"= does not belong in ["+s.Section+"]", "systemd ignores it", "["+section+"]\n"+s.Name+"="+s.Value)
		}
	}
	write := "leave it out"
	if name := nearest(s.Name, keys()[s.Section]); name != "" {
		write = name + "=" + s.Value
	}
	return f.finding(Hint, s.where, s.Name+"= in ["+s.Section+"] is not known", why, write)
}

// nearest is the one of the names that is a slip away, else the first of three.
func nearest(name string, names []string) string {
	best, least := "", 1+max(1, len(name)/4)
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is that of Levenshtein.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
