package porting

import (
	"strings"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

func clean(text []byte) string {
	s := strings.TrimPrefix(string(text), "\ufeff")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\x00", "")
	return placeholder().ReplaceAllStringFunc(s, variableOf)
}

// placeholder is what a template or a recipe fills in: {{ port }}, <%= @port %>,
// "#{port}"; the first part is of ${X#{…}.
var placeholder = pattern(`(?:\$\{\w+)?(?:\{\{-?[ \t]*\.?([\w.]+)[ \t]*-?\}\}|<%=[ \t]*@?([\w.]+)[ \t]*-?%>|#\{@?([\w.]+)\})`)

// variableOf writes a placeholder as a variable, which --set can give.
func variableOf(text string) string {
	m := placeholder().FindStringSubmatch(text)
	name := strings.ReplaceAll(m[1]+m[2]+m[3], ".", "_")
	if strings.HasPrefix(text, "$") || !launch.IsName(name) {
		return text
	}
	return "${" + name + "}"
}
