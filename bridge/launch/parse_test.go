package launch

import (
	"maps"
	"strings"
	"testing"
)

var parseCases = []struct {
	name string
	text string
	want environ
}{
	{"nothing", "", environ{}},
	{"one", "A=b", environ{"A": "b"}},
	{"the later wins", "A=1\nA=2\n", environ{"A": "2"}},
	{"empty value", "A=\nB= \n", environ{"A": "", "B": ""}},
	{"comments and empty lines", "# A=1\n\n  ; B=1\n\t#C=1\nD=1\n", environ{"D": "1"}},
	{"no comment behind a value", "A=b # c\n", environ{"A": "b # c"}},
	{"a comment ends with its line", "# a \\\nB=1\n", environ{"B": "1"}},
	{"a line without =", "hello\nA=1\nB", environ{"A": "1"}},
	{"blanks around", "  A \t=\t b c \t\n", environ{"A": "b c"}},
	{"carriage returns", "A=b \r\nB='c'\r\n", environ{"A": "b", "B": "c"}},
	{"= in the value", "A=b=c\n", environ{"A": "b=c"}},
	{"nothing is expanded", "A=$B ${C} `d` ~ *\n", environ{"A": "$B ${C} `d` ~ *"}},
	{"control codes", "A=\x1b[1m\v\n", environ{"A": "\x1b[1m\v"}},
	{"Latin-1 in a comment", "# \xe9\nA=é\n", environ{"A": "é"}},

	{"backslash", `A=\a\\\$\'\ b` + "\n", environ{"A": `a\$' b`}},
	{"backslash keeps a last blank", "A=b\\  \n", environ{"A": "b "}},
	{"continued", "A=b \\\n  c\nD=1\n", environ{"A": "b   c", "D": "1"}},
	{"continued at once", "A=\\\n b\n", environ{"A": " b"}},
	{"backslash at the end", "A=b\\", environ{"A": "b"}},

	{"single quotes", `A='b \c "$d' ` + "\n", environ{"A": `b \c "$d`}},
	{"single quotes over lines", "A='b\n\nc=d'\nE=1\n", environ{"A": "b\n\nc=d", "E": "1"}},
	{"double quotes", `A="b 'c' \"\\\$\` + "`" + ` \d\n"` + "\n", environ{"A": `b 'c' "\$` + "`" + ` \d\n`}},
	{"double quotes over lines", "A=\"b\nc \\\nd\"\n", environ{"A": "b\nc d"}},
	{"a backslash before CR stays", "A=\"b\\\r\nc\"\n", environ{"A": "b\\\r\nc"}},
	{"quoted parts are joined", `A="b " 'c' "d"` + "\n", environ{"A": "b cd"}},
	{"unquoted behind quoted", `A="b " c"d" ` + "\n", environ{"A": `b c"d"`}},
	{"quotes inside", `A=b"c d"'e` + "\n", environ{"A": `b"c d"'e`}},
	{"# in quotes", `A="#b"` + "\n", environ{"A": "#b"}},
}

func TestParseEnvFile(t *testing.T) {
	for _, c := range parseCases {
		t.Run(c.name, func(t *testing.T) {
			got, _, err := parseEnvFile(c.text)
			check(t, err)
			if !maps.Equal(got, c.want) {
				t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
			}
		})
	}
}

var badEnvFiles = []struct {
	text string
	line int
	want string
}{
	{"A=1\n\nexport B=2\n", 3, `"export B" is not a name; write B=… without export`},
	{"export\tB=2", 1, `"export\tB" is not a name; write B=… without export`},
	{"# a\n1A=b\n", 2, `"1A" is not a name; a name has letters, digits and _, and begins with no digit`},
	{"B=1\nA=" + strings.Repeat("x", maxVariable), 2, `"A" is longer than one variable can be (131072 bytes)`},
	{strings.Repeat("-", 1<<20) + "=1", 1, `"` + strings.Repeat("-", 64) + `"… is not a name; a name has letters, digits and _, and begins with no digit`},
	{"=b", 1, `"" is not a name; a name has letters, digits and _, and begins with no digit`},
	{"\ufeffA=b", 1, `"\ufeffA" is not a name; a name has letters, digits and _, and begins with no digit`},
	{"A='b\nc'\nB-C=1\n", 3, `"B-C" is not a name; a name has letters, digits and _, and begins with no digit`},
	{"A=1\nB=it's\nC='it\nD=1\n", 3, `the quote in the value of C is not closed; close it, or write \ before it`},
	{`A="b\"`, 1, `the quote in the value of A is not closed; close it, or write \ before it`},
	{`A="b\`, 1, `the quote in the value of A is not closed; close it, or write \ before it`},
	{"A=b\x00c\n", 1, "the value of A holds a NUL byte; is it a text file?"},
	{"A=1\nB=\xe9\n", 2, "the value of B is not UTF-8; convert the file"},
}

func TestParseEnvFileRefuses(t *testing.T) {
	for _, c := range badEnvFiles {
		_, line, err := parseEnvFile(c.text)
		if err == nil || err.Error() != c.want || line != c.line {
			t.Errorf("%q\n got line %d: %v\nwant line %d: %s", c.text, line, err, c.line, c.want)
		}
	}
}

// FuzzParseEnvFile: what was read can be handed to execve, and is read the same
// from single quotes.
func FuzzParseEnvFile(f *testing.F) {
	for _, c := range parseCases {
		f.Add(c.text)
	}
	for _, c := range badEnvFiles {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		env, line, err := parseEnvFile(text)
		if err != nil {
			if last := 1 + strings.Count(text, "\n"); line < 1 || line > last {
				t.Fatalf("line %d of %d: %v", line, last, err)
			}
			return
		}
		again, _, err := parseEnvFile(render(env))
		if err != nil || !maps.Equal(env, again) {
			t.Fatalf("%q, %v\nread again from %q", again, err, render(env))
		}
	})
}

func render(env environ) string {
	var text strings.Builder
	for name, value := range env {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
			panic("not a variable: " + name)
		}
		text.WriteString(name + "='" + strings.ReplaceAll(value, "'", `'"'"'`) + "'\n")
	}
	return text.String()
}
