package porting

import (
	"encoding/json"
	"strings"
)

var (
	yamlCommand = pattern(`^(\s*)(?:- )?(?:command|entrypoint|args):\s*(.*)$`)
	yamlKey     = pattern(`^(\s*)(?:- )?([\w.-]+):\s*(.*)$`)
	yamlItem    = pattern(`^\s*- +(.*)$`)
)

// readCompose reads the command: lines of a YAML file, of Compose above all,
// with working_dir: and user: beside them. It is no reader of YAML.
func (r *reader) readCompose() error {
	lines := strings.Split(r.body, "\n")
	for i, line := range lines {
		m := yamlCommand().FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text, list := yamlValue(lines[i+1:], len(m[1]), strings.TrimSpace(m[2]))
		if list != nil {
			list = joined(lines, i, len(m[1]), list)
		}
		if !mentionsStarter(text + strings.Join(list, " ")) {
			continue
		}
		r.part(func() error {
			sc := newScope(r.source)
			beside(sc, lines, i, len(m[1]))
			if keys := unreadKeys(lines, i, len(m[1])); keys != "" {
				r.note("not read, beside %s: %s", r.at(i+1), keys)
			}
			if list == nil {
				return r.script(sc, strings.ReplaceAll(text, "$$", "$"), i+1)
			}
			s := &shell{reader: r, first: i + 1}
			var words []word
			for _, item := range list {
				words = append(words, s.interpolate(sc, item))
			}
			s.launch(sc, words)
			return nil
		})
	}
	return nil
}

var composeVariable = pattern(`\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})`)

// interpolate leaves $X open, which Compose takes from its own environment.
func (s *shell) interpolate(sc *scope, text string) word {
	var f fields
	f.now.line = s.first
	for m := composeVariable().FindStringSubmatch(text); m != nil; m = composeVariable().FindStringSubmatch(text) {
		before, after, _ := strings.Cut(text, m[0])
		f.add(piece{text: before})
		switch v, ok := sc.lookup(m[1] + m[2]); {
		case m[0] == "$$":
			f.add(piece{text: "$"})
		case ok:
			f.add(v.value.pieces...)
		default:
			f.add(unknown(m[0], m[1]+m[2])...)
		}
		text = after
	}
	f.add(piece{text: text})
	return f.now
}

// yamlValue is a scalar, a block or a list.
func yamlValue(below []string, indent int, value string) (text string, list []string) {
	if json.Unmarshal([]byte(value), &list) == nil && list != nil {
		return "", list
	}
	switch {
	case strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'"):
		return strings.Trim(value, value[:1]), nil
	case value != "" && !strings.HasPrefix(value, "|") && !strings.HasPrefix(value, ">"):
		return value, nil
	}
	folded := strings.HasPrefix(value, ">")
	var block []string
	for _, line := range below {
		bare := strings.TrimSpace(line)
		item := yamlItem().FindStringSubmatch(line)
		depth := len(line) - len(strings.TrimLeft(line, " "))
		if bare == "" {
			continue
		}
		if depth <= indent && (value != "" || item == nil || depth < indent) {
			break
		}
		if value == "" && item != nil {
			list = append(list, strings.Trim(strings.TrimSpace(item[1]), `"'`))
			continue
		}
		block = append(block, bare)
	}
	if folded {
		return strings.Join(block, " "), list
	}
	return strings.Join(block, "\n"), list
}

// beside takes the name of the service, and its working_dir: and user:.
func beside(sc *scope, lines []string, at, indent int) {
	begin, end := block(lines, at, indent)
	if begin > 0 {
		if m := yamlKey().FindStringSubmatch(lines[begin-1]); m != nil {
			sc.name = m[2]
			if m[2] == "name" || strings.HasPrefix(strings.TrimSpace(lines[begin-1]), "- ") {
				sc.name = "" // an item of a list, as Kubernetes has them
			}
			if m[2] == "name" {
				sc.name = strings.Trim(m[3], `"'`)
			}
		}
	}
	for _, line := range lines[begin : end+1] {
		m := yamlKey().FindStringSubmatch(line)
		if m == nil || len(m[1]) != indent {
			continue
		}
		switch value := strings.Trim(strings.TrimSpace(m[3]), `"'`); m[2] {
		case "name":
			sc.name = value
		case "working_dir", "workingDir":
			sc.dir = plain(value)
		case "user":
			sc.setUser(plain(value))
		}
	}
}

// block has the lines around one that are indented as it is.
func block(lines []string, at, indent int) (begin, end int) {
	begin, end = at, at
	for begin > 0 && inBlock(lines[begin-1], indent) {
		begin--
	}
	for end+1 < len(lines) && inBlock(lines[end+1], indent) {
		end++
	}
	return begin, end
}

func inBlock(line string, indent int) bool {
	return strings.TrimSpace(line) == "" || len(line)-len(strings.TrimLeft(line, " ")) >= indent
}

// joined puts the lists of the keys around one with start_server to it:
// entrypoint: before command:, and command: before args:, as Kubernetes has them.
func joined(lines []string, at, indent int, list []string) []string {
	if !mentionsStarter(strings.Join(list, " ")) {
		return list
	}
	begin, end := block(lines, at, indent)
	for i := begin; i <= end; i++ {
		m := yamlCommand().FindStringSubmatch(lines[i])
		if m == nil || i == at || len(m[1]) != indent && !strings.HasPrefix(strings.TrimSpace(lines[i]), "- ") {
			continue
		}
		_, other := yamlValue(lines[i+1:], indent, strings.TrimSpace(m[2]))
		if yamlRank(lines[i]) < yamlRank(lines[at]) {
			list = append(other, list...)
		} else {
			list = append(list, other...)
		}
	}
	return list
}

// yamlRank is the place of a key among those that make a command line.
func yamlRank(line string) int {
	key := yamlKey().FindStringSubmatch(line)
	return strings.Index("entrypoint command args", key[2])
}
