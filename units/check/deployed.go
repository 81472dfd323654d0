package check

import (
	"slices"
	"strings"
)

// current is what the link to a release is called where it is not there to see.
var current = pattern(`/current(/|$)`)

func workingDirectory(p *pair, s *file, b *bridge) []Finding {
	set, _ := s.last("Service.WorkingDirectory")
	dir := strings.TrimPrefix(s.value("Service.WorkingDirectory"), "-")
	if dir == "" || dir == "~" || b.given("dir") {
		return nil
	}
	link, target := p.host.symlink(dir)
	switch {
	case link != "":
		link += " (a link to " + target + ")"
	case current().MatchString(dir):
		link = dir
	default:
		return nil
	}
	return s.finding(Reload, set.where, "WorkingDirectory= goes through "+link,
		"systemd follows the link once, when the bridge starts: a reload runs the old release", "ExecStart=/usr/bin/sdbridge run --dir "+joined([]string{strings.TrimPrefix(s.original(set), "-")})+" -- …, and no WorkingDirectory=")
}

func environmentFile(p *pair, s *file, b *bridge) (found []Finding) {
	reread, _ := b.flags.GetStringArray("env-file")
	for _, one := range s.all("Service.EnvironmentFile") {
		if slices.Contains(reread, one.Value) {
			continue // for the other Exec lines; the child's values are read anew
		}
		severity, why := Reload, "systemd reads it once, when the bridge starts: a reload runs with the old values"
		if secret(p.host.on(strings.TrimPrefix(one.Value, "-"))) {
			severity, why = Hint, why+"; the bridge itself can only read it when User= may: chgrp and 0640"
		}
		found = append(found, s.finding(severity, one.where, "EnvironmentFile="+one.Value, why, p.envFile(s, joined([]string{s.original(one)})))...)
	}
	return found
}

// envFile is what to write in place of an EnvironmentFile=. The bridge takes no
// pattern for a name, and reads its files after systemd has put the variables
// into the command line.
func (p *pair) envFile(s *file, name string) string {
	write := "ExecStart=/usr/bin/sdbridge run --env-file " + name + " -- …"
	if strings.ContainsAny(name, "*?[") {
		write = "ExecStart=/usr/bin/sdbridge run --env-file … -- …, an --env-file for each file by its name: the bridge takes " + strings.TrimPrefix(name, "-") + " for one file"
	}
	var names []string
	given := environment(s)
	for _, c := range written(s, "ExecStart") {
		for _, found := range variable().FindAllStringSubmatch(strings.Join(c.words, " "), -1) {
			name := found[1] + found[2]
			if _, known := given[name]; !known && !strings.Contains(found[0], "$$") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) > 0 {
		write += "\nwithout EnvironmentFile= " + strings.Join(names, ", ") + " in ExecStart= would be empty there: set it by Environment=; behind -- a shell can put it in, as $$" + names[0]
	}
	return write
}

// variable is what systemd, or a shell, puts a value in for.
var variable = pattern(`\$?\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))`)
