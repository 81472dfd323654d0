package unitfile

import "strings"

// Reaches tells whether the values of RestrictAddressFamilies=, in their order, let
// a service use an address family (systemd.exec(5)). The first list says whether it
// is one of those that may be used or of those that may not; those that follow add
// to it or take from it. An empty value, or none, begins anew.
func Reaches(values []string, family string) bool {
	begun, allows, listed := false, false, map[string]bool{}
	for _, value := range values {
		list, inverted := strings.CutPrefix(value, "~")
		switch {
		case value == "" || value == "none":
			begun, allows, listed = false, value == "none", map[string]bool{}
			continue
		case !begun:
			begun, allows = true, !inverted
		}
		for word := range strings.FieldsSeq(list) {
			listed[word] = inverted != allows
		}
	}
	return listed[family] == allows
}
