package porting

import "strings"

func (r *reader) readProcfile() error {
	for _, l := range logicalLines(r.body) {
		name, command, ok := strings.Cut(l.text, ":")
		if !ok || strings.HasPrefix(strings.TrimSpace(l.text), "#") {
			continue
		}
		r.part(func() error {
			sc := newScope(r.source)
			sc.name = strings.TrimSpace(name)
			return r.script(sc, command, l.line)
		})
	}
	return nil
}
