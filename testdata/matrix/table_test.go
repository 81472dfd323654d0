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

// compareTable checks that the table, and its copy, say what ran and passed, or
// rewrites both; the rows of others stay.
func compareTable(t *testing.T, ran map[string]bool) {
	t.Helper()
	old := readFile(t, tableFile)
	table := tableOf(strings.SplitAfter(old, "\n"), ran)
	page := readFile(t, readme)
	newPage := withTable(page, table)
	if *update {
		writeFile(t, tableFile, table)
		writeFile(t, readme, newPage)
		return
	}
	if old != table {
		t.Errorf("%s differs from what ran, which is this (-update writes it):\n%s", tableFile, table)
	}
	if page != newPage {
		t.Errorf("%s has another table than %s: -update copies it", readme, tableFile)
	}
}

// tableOf has new rows for what ran and passed, and the old ones of the others.
func tableOf(old []string, ran map[string]bool) string {
	text := head()
	for _, c := range children {
		if ran[c.name] {
			text += c.row()
		} else {
			text += rowOf(old, c.title)
		}
	}
	return text + "\n" + notes()
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

// withTable is the page with the table between its marks, where it has them.
func withTable(page, table string) string {
	before, rest, opened := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return page
	}
	return before + begin + table + end + after
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
