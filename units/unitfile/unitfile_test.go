package unitfile

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/unit"
)

func TestParse(t *testing.T) {
	settings, ignored := Parse(strings.Join([]string{
		"stray=1", "  [Unit]  ", "# comment", "; comment", "  Description = two words  ", "",
		"[Service]\r", "ExecStart=/bin/a \\", "# between", "  ; between", "   b \\", "c", "A=", "B=x\\\\", "no assignment", "[broken", "C=1 \\",
	}, "\n"))
	var got []string
	for _, s := range settings {
		got = append(got, fmt.Sprintf("%d %s.%s=%s", s.Line, s.Section, s.Name, s.Value))
	}
	want := []string{
		"5 Unit.Description=two words", "8 Service.ExecStart=/bin/a     b  c", "13 Service.A=", `14 Service.B=x\\`, "17 Service.C=1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if want := []Ignored{{"stray=1", 1}, {"no assignment", 15}, {"[broken", 16}}; !slices.Equal(ignored, want) {
		t.Errorf("ignored %v", ignored)
	}
}

// What go-systemd writes is read back.
func FuzzParse(f *testing.F) {
	f.Add("Unit", "Description", "words", "[Service]\nA=\\\n#\nb")
	f.Add("Service", "ExecStart", `/bin/a "b c" \; %i`, "\\\n\\\n\x00=")
	f.Fuzz(func(t *testing.T, section, name, value, text string) {
		settings, ignored := Parse(text)
		if n := strings.Count(text, "\n") + 1; len(settings)+len(ignored) > n {
			t.Errorf("%d settings and %d ignored of %d lines", len(settings), len(ignored), n)
		}
		if strings.ContainsAny(section, "[]\n\r") || strings.ContainsAny(name, "[#;=\n\r\\") || strings.ContainsAny(value, "\n\r\\") ||
			strings.Trim(section, blank) != section || strings.Trim(name, blank) != name || strings.Trim(value, blank) != value || name == "" || section == "" {
			return
		}
		written, err := io.ReadAll(unit.Serialize([]*unit.UnitOption{unit.NewUnitOption(section, name, value)}))
		if err != nil {
			t.Fatal(err)
		}
		settings, _ = Parse(string(written))
		if len(settings) != 1 || settings[0].UnitOption != (unit.UnitOption{Section: section, Name: name, Value: value}) {
			t.Errorf("%q reads as %+v", written, settings)
		}
	})
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		`a  b	c`:                    {"a", "b", "c"},
		`"a b" 'c "d"' e"f g"`:      {"a b", `c "d"`, "ef g"},
		`a\ b \x41\102 "\n" \u00e9`: {`a\`, "b", "AB", "\n", "é"},
		`a ; b \; c; ";"`:           {"a", Separator, "b", ";", "c;", ";"},
		`"" a`:                      {"", "a"},
		`\q \x4 \000 \`:             {`\q`, `\x4`, `\000`, `\`},
		``:                          nil,
	} {
		got, err := Words(text)
		if text == `a\ b \x41\102 "\n" \u00e9` {
			want = []string{`a\ b`, "AB", "\n", "é"}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("words(%s) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`"a`, `a'`, `"\"`} {
		if got, err := Words(text); err == nil {
			t.Errorf("words(%s) = %q", text, got)
		}
	}
}
