package check

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// dropIns are the .conf files for a unit of these names, in the order in which
// they count: by file name, whatever the directory; of one name the first
// directory wins, and an empty file or a link to /dev/null hides the others.
func (l *loader) dropIns(names []string) ([]string, error) {
	var dirs []string
	for _, name := range names {
		for _, dir := range l.dirs {
			for _, n := range dropInNames(name) {
				dirs = append(dirs, filepath.Join(dir, n+".d"))
			}
		}
	}
	for _, dir := range l.dirs { // for all of the type
		dirs = append(dirs, filepath.Join(dir, strings.TrimPrefix(filepath.Ext(names[0]), ".")+".d"))
	}
	chosen := map[string]string{}
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) { // most are not there
			return nil, err
		}
		for _, e := range entries {
			if _, has := chosen[e.Name()]; !has && strings.HasSuffix(e.Name(), ".conf") {
				chosen[e.Name()] = filepath.Join(dir, e.Name())
			}
		}
	}
	var paths []string
	for _, path := range chosen {
		if info, err := os.Stat(l.host.follow(path)); err == nil && info.Mode().IsRegular() {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return paths, nil
}

// dropInNames are the names whose .d directories count for a unit in one
// directory: its own, its template's, and each shorter by a dash.
func dropInNames(name string) []string {
	list := []string{name}
	if t := template(name); t != "" {
		list = append(list, dropInNames(t)...)
	}
	end := len(name) - len(filepath.Ext(name))
	if at := strings.IndexByte(name, '@'); at >= 0 {
		end = at
	}
	prefix, rest := strings.TrimSuffix(name[:end], "-"), name[end:]
	for {
		dash := strings.LastIndexByte(prefix, '-')
		if dash <= 0 {
			return list
		}
		list = append(list, prefix[:dash+1]+rest)
		prefix = strings.TrimRight(prefix[:dash], "-")
	}
}
