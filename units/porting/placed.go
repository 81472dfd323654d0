package porting

import (
	"path"
	"slices"
	"strings"
)

// where asks for the directory that cd was given.
func (sc *scope) where(dir word) {
	for _, p := range dir.in(computed) {
		m := missing(p, "cd")
		if p.name == "" && !strings.ContainsAny(p.text, "$`~%") {
			m.Remedy = "--set PWD=DIRECTORY, the one that cd starts from"
		}
		if p.name == "" && strings.HasPrefix(p.text, "~") {
			m.Remedy = "--set '" + p.text + "=DIRECTORY', the home of that user"
		}
		sc.missing = append(sc.missing, m)
	}
}

// moved is for a child that su - brings to its home, wherever start_server was.
func (sc *scope) moved(sv *Service) {
	if sc.childDir.pieces == nil {
		return
	}
	sv.Options.Dir = sc.childDir.text()
	sv.Given["dir"] = sv.Options.Dir != ""
	sc.where(sc.childDir)
}

// elsewhere makes a wrapper's path that meant something where start_server was
// absolute: with --dir it starts in another directory now.
func (sc *scope) elsewhere(sv *Service, first bool, w word) string {
	text := w.source()
	local := strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") || first && strings.Contains(text, "/")
	if sv.Options.Dir == "" && sc.childDir.pieces == nil || !local || path.IsAbs(text) || strings.HasPrefix(text, "~") || !w.known() {
		return text
	}
	if !path.IsAbs(sc.resolve(text)) {
		sc.missing = append(sc.missing, Missing{Text: text, Where: "the wrapper", Remedy: "--set PWD=DIRECTORY, the one that start_server ran in"})
	}
	return sc.resolve(text)
}

// wrappers keeps what stood before start_server, now before the child.
func (s *shell) wrappers(sc *scope, sv *Service, command []word) {
	kept := sc.wrappers
	if i := slices.IndexFunc(kept, func(w word) bool { return base(w.text()) == "carton" }); i >= 0 && len(command) > 0 && s.isGo(command) {
		end := i + 1
		for end < len(kept) && kept[end].text() != "--" {
			end++
		}
		kept = slices.Delete(slices.Clone(kept), i, min(end+1, len(kept)))
		sv.Notes = append(sv.Notes, "carton exec is dropped: it was there to find start_server, and "+command[0].source()+" is not Perl; if it is, give the line with carton exec behind --")
	}
	for i, w := range kept {
		sc.tell(w)
		if _, ok := w.value(); !ok {
			sc.want(w, "the wrapper "+kept[0].source())
		}
		sv.Wrappers = append(sv.Wrappers, sc.elsewhere(sv, i == 0, w))
	}
}
