package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands are all below c that --help shows.
func commands(c *cobra.Command) (all []*cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			all = append(append(all, sub), commands(sub)...)
		}
	}
	return all
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manDate is when the pages were last read through.
const manDate = "2026-11-25"

// manPage writes what --help says in the macros of man(7). A command that looks at
// its arguments by itself has a list of options of its own.
func manPage(c *cobra.Command, own string) string {
	var m man
	name := manName(c)
	m.line(".TH %s 1 %s sdbridge \"User Commands\"", escape(strings.ToUpper(name)), manDate)
	m.line(`.\" Made from the texts of --help by "make man": change those.`)
	m.line(".nh\n.ad l") // a name that is cut or stretched cannot be copied
	m.section("NAME")
	m.line(`%s \- %s`, escape(name), escape(c.Short))
	m.section("SYNOPSIS")
	rest := strings.TrimPrefix(c.UseLine(), c.CommandPath())
	if c.HasAvailableSubCommands() {
		rest = " command [argument…]"
	}
	m.line(`\fB%s\fR%s`, escape(c.CommandPath()), escape(rest))
	m.section("DESCRIPTION")
	notes := m.text(c.Long)
	m.commands(c)
	m.section("OPTIONS")
	if own != "" {
		m.paragraph(own)
	} else {
		m.options(c)
	}
	for _, n := range notes {
		m.note(n)
	}
	if c.Example != "" {
		m.section("EXAMPLES")
		m.verbatim(c.Example)
	}
	m.section("SEE ALSO")
	m.line("%s", strings.Join(seeAlso(c), ",\n"))
	return m.String()
}

func seeAlso(c *cobra.Command) (pages []string) {
	for _, other := range append(commands(c.Root()), c.Root()) {
		if other != c {
			pages = append(pages, fmt.Sprintf(`\fB%s\fR(1)`, escape(manName(other))))
		}
	}
	slices.Sort(pages)
	for _, page := range []string{"systemd.socket(5)", "systemd.service(5)", "sd_listen_fds(3)"} {
		name, section, _ := strings.Cut(page, "(")
		pages = append(pages, fmt.Sprintf(`\fB%s\fR(%s`, name, section))
	}
	return pages
}

type man struct{ strings.Builder }

func (m *man) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *man) section(title string) { m.line(".SH %s", escape(title)) }

// entry is one of a list.
func (m *man) entry(term, text string) {
	m.line(".TP\n%s\n%s", term, escape(text))
}

var (
	heading = regexp.MustCompile(`^(Signals|Environment|Files|Exit status|Findings|Diagnostics)[^:\n]*:`)
	begins  = regexp.MustCompile(`^  (\S.*?)(?:  +(\S.*))?$`)
)

// text writes the paragraphs of a long text and returns those that are sections
// of their own.
func (m *man) text(long string) (notes []string) {
	first := true
	for paragraph := range strings.SplitSeq(long, "\n\n") {
		if heading.MatchString(paragraph) {
			notes = append(notes, paragraph)
			continue
		}
		if !first {
			m.line(".PP")
		}
		first = false
		m.paragraph(paragraph)
	}
	return notes
}

func (m *man) note(text string) {
	title := heading.FindString(text)
	m.section(strings.ToUpper(strings.TrimSuffix(title, ":")))
	m.paragraph(strings.TrimPrefix(text, title))
}

// paragraph writes plain lines, and lists.
func (m *man) paragraph(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if entry := begins.FindStringSubmatch(line); entry != nil {
			m.line(".TP\n\\fB%s\\fR", escape(entry[1]))
			line = entry[2]
		}
		if line = strings.TrimSpace(line); line != "" {
			m.line("%s", escape(line))
		}
	}
}

func (m *man) verbatim(text string) {
	m.line(".EX")
	for line := range strings.Lines(text) {
		m.line("%s", escape(strings.TrimSuffix(line, "\n")))
	}
	m.line(".EE")
}

func (m *man) commands(c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	m.section("COMMANDS")
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			m.entry(fmt.Sprintf(`\fB%s\fR(1)`, escape(manName(sub))), sub.Short)
		}
	}
}

func (m *man) options(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	c.InitDefaultVersionFlag()
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			m.entry(option(f), meaning(f))
		}
	})
}

func option(f *pflag.Flag) string {
	names := `\fB` + escape("--"+f.Name) + `\fR`
	if f.Shorthand != "" {
		names = `\fB` + escape("-"+f.Shorthand) + `\fR, ` + names
	}
	value, _ := pflag.UnquoteUsage(f)
	if value = strings.TrimSuffix(value, "Array"); value != "" {
		names += ` \fI` + escape(value) + `\fR`
	}
	return names
}

func meaning(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	switch f.DefValue {
	case "", "[]", "false", "0", "0s":
		return usage
	}
	return fmt.Sprintf("%s (default %s)", usage, f.DefValue)
}

// escape makes text of roff(7): nothing in it is a request, and a hyphen is what
// a shell takes for one.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	if strings.HasPrefix(text, ".") {
		return `\&` + b.String()
	}
	return b.String()
}
