package matrix

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table, and its copy in README.md, from what ran")

const (
	tableFile = "table.md"
	readme    = "../../README.md"
	begin     = "<!-- children: make check-children writes this -->\n"
	end       = "<!-- end of children -->\n"
)

var running sync.Mutex

func markRun(ran map[string]bool, name string, passed bool) {
	running.Lock()
	defer running.Unlock()
	ran[name] = passed
}

// compareTable checks that the rows of what ran and passed are in the table, or
// writes them; the rows of others stay.
func compareTable(t *testing.T, ran map[string]bool) {
	t.Helper()
	old := readFile(t, tableFile)
	rows := strings.SplitAfter(old, "\n")
	var text strings.Builder
	text.WriteString(head())
	for _, c := range children {
		row := c.row()
		passed := ran[c.name]
		switch there := slices.Contains(rows, row); {
		case !passed && !there:
			row = rowOf(rows, c.title)
		case !there && !*update:
			t.Errorf("%s has no such row; run with -update:\n%s", tableFile, row)
		}
		text.WriteString(row)
	}
	text.WriteString("\n" + notes())
	if *update {
		writeFile(t, tableFile, text.String())
		updateReadme(t, text.String())
	}
}

func head() string {
	head, line := "| server |", "|---|"
	for k := range kinds {
		head += " " + k.String() + " |"
		line += "---|"
	}
	return head + " flags of `sdbridge run` |\n" + line + "---|\n"
}

func (c child) row() string {
	row := "| " + c.title + " |"
	for k := range kinds {
		row += " " + c.cell(k) + " |"
	}
	if c.flags == "" {
		return row + " |\n"
	}
	return row + " `" + c.flags + "` |\n"
}

func (c child) cell(k kind) string {
	switch f, fails := c.cannot[k]; {
	case fails:
		return fmt.Sprintf("cannot [%d]", note(f.reason))
	case c.loses != "":
		return fmt.Sprintf("loses [%d]", note(c.loses))
	default:
		return "works"
	}
}

// rowOf is the row of that title, as it stands; "" where there is none.
func rowOf(rows []string, title string) string {
	i := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, "| "+title+" |") })
	if i < 0 {
		return ""
	}
	return rows[i]
}

// reasons are those of all children, each once, in the order of the table.
func reasons() []string {
	var all []string
	for _, c := range children {
		for k := range kinds {
			if f, fails := c.cannot[k]; fails && !slices.Contains(all, f.reason) {
				all = append(all, f.reason)
			}
		}
		if c.loses != "" && !slices.Contains(all, c.loses) {
			all = append(all, c.loses)
		}
	}
	return all
}

func note(reason string) int { return 1 + slices.Index(reasons(), reason) }

func notes() string {
	text := ""
	for i, reason := range reasons() {
		text += fmt.Sprintf("%d. %s\n", i+1, reason)
	}
	return text
}

// updateReadme puts the table between its marks.
func updateReadme(t *testing.T, table string) {
	t.Helper()
	text := readFile(t, readme)
	before, rest, opened := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Logf("%s has no place for the table", readme)
		return
	}
	writeFile(t, readme, before+begin+table+end+after)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
