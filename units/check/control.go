package check

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// control compares where the bridge listens with where ExecReload= asks.
func control(p *pair, s *file, b *bridge) (found []Finding) {
	for _, c := range execs(s, "ExecReload") {
		l := launched(c.argv)
		if len(l.argv) < 2 || filepath.Base(l.argv[0]) != "sdbridge" || l.argv[1] != "reload" {
			continue
		}
		at := controlOf(s, b.text("control"))
		asked := at // where it is not told otherwise
		if given, ok := l.has("--control"); ok {
			asked = given
		} else if name := operand(l.argv[2:]); name != "" {
			asked = path.Join("/run/sdbridge", strings.TrimSuffix(name, ".service"), "control")
		}
		switch {
		case vague(asked) || vague(at):
		case at == "" && len(s.all("Service.EnvironmentFile")) > 0: // which may have SDBRIDGE_CONTROL
		case at == "":
			found = append(found, s.finding(Reload, s.path, "no RuntimeDirectory= for the control socket", "sdbridge reload finds no bridge: every reload fails", "RuntimeDirectory=sdbridge/"+s.stem())...)
		case asked != at:
			found = append(found, s.finding(Reload, c.where, fmt.Sprintf("ExecReload= asks at %s, the bridge listens at %s", asked, at), "sdbridge reload finds no bridge, or another one: every reload fails", "ExecReload=/usr/bin/sdbridge reload, and RuntimeDirectory=sdbridge/"+s.stem())...)
		}
	}
	if at := controlOf(s, b.text("control")); at == "" && len(found) == 0 {
		found = s.finding(Hint, s.path, "no RuntimeDirectory= for the control socket", "sdbridge reload and status find no bridge", "RuntimeDirectory=sdbridge/"+s.stem())
	}
	return found
}

// controlOf is where a bridge's control socket is: by the flag, by
// SDBRIDGE_CONTROL, or in the runtime directory under sdbridge/, else in the
// only one.
func controlOf(s *file, flag string) (at string) {
	if flag != "" {
		return flag
	}
	for _, word := range wordsOf(s, "Service.Environment") {
		if v, ok := strings.CutPrefix(word, "SDBRIDGE_CONTROL="); ok {
			at = v
		}
	}
	if at != "" {
		return at
	}
	dirs := runtimeDirectories(s)
	for _, dir := range dirs {
		if strings.Contains(path.Dir(dir)+"/", "/sdbridge/") {
			return path.Join(dir, "control")
		}
	}
	if len(dirs) == 1 {
		return path.Join(dirs[0], "control")
	}
	return ""
}

// operand is the name in the arguments of `sdbridge reload`.
func operand(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--timeout" || args[i] == "--wait" || args[i] == "--control":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return ""
}
