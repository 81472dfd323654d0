package porting

import (
	"maps"
	"path"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

var (
	makeAssign = pattern(`^(?:export\s+)?([A-Za-z_][\w.-]*)\s*(\?|:{1,3}|\+)?=\s*(.*)$`)
	makeTarget = pattern(`^([A-Za-z0-9_.%/-]+)[^=:]*:([^=]|$)`)
	makeName   = pattern(`\$(?:\(([A-Za-z_][\w.-]*)\)|\{([A-Za-z_][\w.-]*)\}|\$|[@<^?*+%|])`)
)

// automatic are make's variables of a rule that the text may not tell, as --set
// takes them.
var automatic = map[string]string{
	"$@": "TARGET", "$<": "FIRST_PREREQUISITE", "$^": "PREREQUISITES", "$+": "PREREQUISITES",
	"$?": "NEWER_PREREQUISITES", "$*": "STEM", "$%": "MEMBER", "$|": "ORDER_ONLY_PREREQUISITES",
}

// makeReader holds make's variables.
type makeReader struct {
	*reader
	vars   map[string]string
	within []string          // the conditionals around a line
	open   map[string]bool   // variables that a conditional sets
	rule   map[string]string // automatic variables
	export []string          // what the recipes have in their environment
	budget int               // of bytes that may be put in yet
}

// readMakefile reads the recipes, each line by a shell of its own as make does,
// with make's variables put in. What $(shell …) and functions give is computed.
func (r *reader) readMakefile() error {
	m := &makeReader{reader: r, vars: map[string]string{}, open: map[string]bool{}, budget: wordLimit}
	if self := r.self(); self != "" {
		m.vars["CURDIR"], m.vars["PWD"] = path.Dir(self), path.Dir(self)
	}
	lines := logicalLines(r.body)
	for _, l := range lines {
		if !m.conditional(l.text) {
			m.assign(l.text)
		}
	}
	maps.Copy(m.vars, r.source.Set)
	recipes, signals := m.recipes(lines)
	for _, recipe := range recipes {
		r.part(func() error { return m.recipe(recipe) })
	}
	for i := range r.services {
		r.services[i].Notes = unique(append(r.services[i].Notes, signals...))
	}
	return nil
}

func (m *makeReader) assign(line string) {
	a := makeAssign().FindStringSubmatch(line)
	if names, ok := strings.CutPrefix(line, "export "); ok {
		if a != nil {
			names = a[1]
		}
		m.export = append(m.export, strings.Fields(names)...)
	}
	if a == nil || strings.HasPrefix(line, "\t") {
		return
	}
	name, op, value := a[1], a[2], strings.TrimSpace(strings.ReplaceAll(a[3], "\\\n", " "))
	if value, _, _ = strings.Cut(value, " #"); op == "+" && m.vars[name] != "" {
		value = m.vars[name] + " " + value
	}
	if _, ok := m.vars[name]; op == "?" && (ok || m.open[name]) || len(value) > wordLimit {
		return
	}
	m.set(name, strings.TrimSpace(value))
}

type recipe struct {
	target, text string
	line         int
}

// recipes are the lines that run something; those that only send a signal are
// told apart.
func (m *makeReader) recipes(lines []logical) (found []recipe, signals []string) {
	target := ""
	for _, l := range lines {
		command, ok := strings.CutPrefix(l.text, "\t")
		if !ok {
			if t := makeTarget().FindStringSubmatch(l.text); t != nil {
				target = t[1]
				m.rules(l.text)
			}
			continue
		}
		command = strings.ReplaceAll(command, "\n\t", "\n")
		command = m.expand(strings.TrimLeft(command, "@-+ "), 0)
		switch {
		case mentionsStarter(command):
			found = append(found, recipe{target, command, l.line})
		case strings.Contains(command, "kill"):
			r := &reader{source: m.source}
			_ = r.script(newScope(m.source), command, l.line) // a line that is no shell has no signal
			signals = append(signals, inSystemd(r.notes)...)
		}
	}
	return found, signals
}

// rules takes the automatic variables from the head of a rule; of a pattern only
// make knows them.
func (m *makeReader) rules(head string) {
	m.rule = map[string]string{}
	before, after, _ := strings.Cut(head, ":")
	targets := strings.Fields(m.expand(before, 0))
	after, _, _ = strings.Cut(strings.TrimPrefix(after, ":"), ";")
	after, _, _ = strings.Cut(m.expand(after, 0), " #")
	after, _, _ = strings.Cut(after, "|")
	needs := strings.Fields(strings.ReplaceAll(after, "\\\n", " "))
	if len(targets) == 1 && !strings.Contains(targets[0]+after, "%") {
		m.rule["$@"] = targets[0]
	}
	if len(needs) > 0 && !strings.ContainsAny(after, "%$") {
		m.rule["$<"], m.rule["$^"] = needs[0], strings.Join(unique(needs), " ")
	}
}

// inSystemd are the notes on what systemctl does instead.
func inSystemd(notes []string) []string {
	var all []string
	for _, n := range notes {
		if strings.Contains(n, "becomes systemctl") {
			all = append(all, n)
		}
	}
	return all
}

func (m *makeReader) recipe(r recipe) error {
	sc := newScope(m.source)
	if dir := m.vars["CURDIR"]; dir != "" && len(sc.dir.pieces) == 0 {
		sc.dir = plain(dir)
	}
	for _, name := range unique(m.export) {
		if value, ok := m.vars[name]; ok && launch.IsName(name) {
			sc.put(name, m.exported(value))
		}
	}
	before := len(m.services)
	err := m.script(sc, r.text, r.line)
	for i := before; i < len(m.services); i++ {
		m.services[i].restoreMake(r.text)
	}
	return err
}

// exported is a value as the recipes have it in their environment; what only make
// would tell is asked for.
func (m *makeReader) exported(value string) word {
	value = m.expand(value, 0)
	if given, ok := m.source.Set[value]; ok {
		return plain(given)
	}
	if strings.Contains(value, "$") {
		return word{pieces: unknown(value, "")}
	}
	return plain(value)
}

// restoreMake writes a missing variable as the Makefile has it.
func (sv *Service) restoreMake(text string) {
	for i, missing := range sv.Missing {
		name, ok := strings.CutPrefix(missing.Text, "${")
		if ok && strings.Contains(text, missing.Text) {
			sv.Missing[i].Text = "$(" + strings.TrimSuffix(name, "}") + ")"
		}
	}
}

// expand puts make's variables in. One that is not in the file comes from the
// environment, as the shell's do.
func (m *makeReader) expand(text string, depth int) string {
	if depth > deepest || len(text) > wordLimit {
		return text
	}
	return makeName().ReplaceAllStringFunc(text, func(found string) string {
		if found == "$$" {
			return "$"
		}
		if name, ok := automatic[found]; ok {
			if value, ok := m.rule[found]; ok && m.budget > 0 {
				m.budget -= len(value) + 1
				return value
			}
			found = "$(" + name + ")"
		}
		name := found[2 : len(found)-1]
		if value, ok := m.vars[name]; ok && m.budget > 0 {
			m.budget -= len(value) + 1
			return m.expand(value, depth+1)
		}
		return "${" + strings.NewReplacer(".", "_", "-", "_").Replace(name) + "}"
	})
}
