package check

import (
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// variables are the values that systemd puts into a service's command lines, as
// far as its unit says them.
type variables map[string]string

// environment is what Environment= gives. A file of EnvironmentFile= may set
// any of them otherwise, and nobody knows what it will say when it is read.
func environment(s *file) variables {
	v := variables{}
	if dirs := runtimeDirectories(s); len(dirs) > 0 {
		v["RUNTIME_DIRECTORY"] = strings.Join(dirs, ":")
	}
	if len(s.all("Service.EnvironmentFile")) > 0 {
		return v
	}
	for _, word := range wordsOf(s, "Service.Environment") {
		if name, value, ok := strings.Cut(word, "="); ok {
			v[name] = value
		}
	}
	for _, word := range wordsOf(s, "Service.UnsetEnvironment") {
		name, _, _ := strings.Cut(word, "=")
		delete(v, name)
	}
	return v
}

func wordsOf(s *file, key string) (words []string) {
	for _, one := range s.all(key) {
		list, _ := unitfile.Words(one.Value)
		words = append(words, list...)
	}
	return words
}

var (
	bare   = pattern(`^\$[A-Za-z_][A-Za-z0-9_]*$`)
	braced = pattern(`\$\$|\$\{[A-Za-z_][A-Za-z0-9_]*\}`)
)

// put puts the values into the words behind the program, systemd.service(5):
// "${X}" anywhere, as one word; a word that is "$X" becomes as many as the value
// has. "$$" is a dollar. What is not known stays, with its dollar.
func (v variables) put(words []string) (argv []string) {
	for i, word := range words {
		if list, ok := v.several(word); ok && i > 0 {
			argv = append(argv, list...)
			continue
		}
		argv = append(argv, braced().ReplaceAllStringFunc(word, func(found string) string {
			if found == "$$" {
				return "$"
			}
			if value, known := v[found[2:len(found)-1]]; known && i > 0 {
				return value
			}
			return found
		}))
	}
	return argv
}

// several are the words that a word "$X" stands for.
func (v variables) several(word string) ([]string, bool) {
	if !bare().MatchString(word) {
		return nil, false
	}
	value, known := v[word[1:]]
	list, err := unitfile.Words(value)
	if !known || err != nil || strings.Contains(value, `\`) || slices.Contains(list, unitfile.Separator) {
		return nil, false
	}
	return list, true
}

// vague tells whether a word has a variable of systemd's or of a shell's whose
// value is not known.
func vague(word string) bool { return strings.Contains(word, "$") }
