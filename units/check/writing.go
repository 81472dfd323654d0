package check

import (
	"slices"
	"strings"
)

// original is the value of a setting as the file has it, with its specifiers.
func (f *file) original(s setting) string {
	i := slices.IndexFunc(f.settings, func(o setting) bool { return o.where == s.where && o.Section == s.Section && o.Name == s.Name })
	if i < 0 {
		return s.Value
	}
	return f.settings[i].Value
}

// joined writes words of a file as one line of it, so that systemd splits them as
// before; dollars and specifiers stay what they are.
func joined(words []string) string {
	var list []string
	for _, word := range words {
		if word == "" || word == ";" || strings.ContainsAny(word, " \t\n\r\"'\\") {
			word = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(word) + `"`
		}
		list = append(list, word)
	}
	return strings.Join(list, " ")
}

// served is the program that serves, launchers taken off, as the file has it.
func (p *pair) served() []string {
	first := p.start[0]
	first.Value = p.service.original(first.setting)
	list, err := commands(first.setting)
	if err != nil || len(list) == 0 {
		return p.child.argv
	}
	run := launched(list[0].words).bridged()
	if b := p.host.bridgeOf(run.argv); b != nil {
		return launched(b.child).argv
	}
	return run.argv
}

// heeded is an Exec line whose failure counts: without the "-" before its program,
// and without "|| true" at the end of its script. It is in words where the line
// is not as simple.
func heeded(text string, c command) string {
	const words = "the same without the - before the program, and without || true behind what can fail"
	rest := strings.TrimLeft(text, `"'@-:+!|`)
	head := text[:len(text)-len(rest)]
	line := strings.ReplaceAll(head, "-", "") + rest
	if script, ok := scriptOf(c.argv); ok && forgiven().MatchString(script) {
		line = forgivenLine().ReplaceAllString(line, "$quote")
	}
	changed := c.setting
	changed.Value = line
	list, err := commands(changed)
	if !c.alone || err != nil || len(list) != 1 || ignoresFailure(list[0]) {
		return words
	}
	return c.Name + "=" + line
}
