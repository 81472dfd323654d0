package check

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// Severity is what a finding comes to.
type Severity string

// All but a hint are faults.
const (
	Loses  Severity = "loses"  // connections are reset, refused, cut or not answered
	Closes Severity = "closes" // the socket is closed, or hidden from its clients
	Blocks Severity = "blocks" // the start of the pair, or the boot, fails
	Reload Severity = "reload" // start or reload succeeds though nothing new serves
	Hint   Severity = "hint"   // worth a look, nothing is lost by it
)

// Finding is one thing that a rule found.
type Finding struct {
	Rule     string   `json:"rule"` // stable: requires-socket
	Severity Severity `json:"severity"`
	Unit     string   `json:"unit"`
	Line     string   `json:"line,omitempty"` // file:line; the file where a line is missing
	What     string   `json:"what"`           // what there is
	Why      string   `json:"why"`            // what comes of it
	Write    string   `json:"write"`          // the line to write, or what to do
}

// Faulty tells whether there is more than hints.
func Faulty(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity != Hint })
}

// Text writes findings for people, by unit.
func Text(w io.Writer, findings []Finding) error {
	var b strings.Builder
	unit := ""
	for _, f := range findings {
		if f.Unit != unit {
			unit = f.Unit
			fmt.Fprintf(&b, "%s\n", unit)
		}
		fmt.Fprintf(&b, "  %s: %s [%s]\n", f.Severity, f.What, f.Rule)
		for _, part := range []struct{ label, text string }{{"why", f.Why}, {"write", f.Write}, {"at", f.Line}} {
			if part.text != "" {
				fmt.Fprintf(&b, "    %-6s %s\n", part.label, strings.ReplaceAll(part.text, "\n", "\n           "))
			}
		}
	}
	_, err := io.WriteString(w, printable(b.String()))
	return err
}

// printable takes out what would command the terminal: a unit may be any file.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// sorted is by unit in the order that they were looked at, then the worst first.
func sorted(findings []Finding) []Finding {
	units := []string{}
	for _, f := range findings {
		if !slices.Contains(units, f.Unit) {
			units = append(units, f.Unit)
		}
	}
	order := []Severity{Loses, Closes, Blocks, Reload, Hint}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		if by := slices.Index(units, a.Unit) - slices.Index(units, b.Unit); by != 0 {
			return by
		}
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
	return findings
}
