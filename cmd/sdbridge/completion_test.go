package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCompletions(t *testing.T) {
	scripts := map[string]string{}
	root := newRoot()
	for name, write := range map[string]func(io.Writer) error{
		"sdbridge.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"sdbridge.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"_sdbridge":     root.GenZshCompletion,
	} {
		var text bytes.Buffer
		if err := write(&text); err != nil {
			t.Fatal(err)
		}
		scripts[name] = text.String()
	}
	golden(t, filepath.Join(docs, "completions"), scripts)
}

func TestCompletionOfValues(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"run --export ", "both starter systemd"},
		{"exec --export=", "both starter systemd"},
		{"run --ready ", "auto accept notify interval"},
		{"run --signal-on-hup ", "TERM QUIT INT HUP USR1 USR2 WINCH"},
		{"run --port ", ""},
		{"reload --wait ", "drained"},
	} {
		if got := strings.Join(complete(t, strings.Split(test.line, " ")...), " "); got != test.want {
			t.Errorf("%q is completed by %q, want %q", test.line, got, test.want)
		}
	}
	for _, shown := range []string{"run", "exec", "reload", "status", "start_server"} {
		if all := complete(t, ""); !slices.Contains(all, shown) {
			t.Errorf("%s is not among %q", shown, all)
		}
	}
}

// Only those that run are completed, and the first word only.
func TestCompletionOfNames(t *testing.T) {
	dir := shortDir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	for _, name := range []string{"app", "gone"} {
		if err := os.MkdirAll(filepath.Join(dir, "sdbridge", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "sdbridge/gone/control"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	control := filepath.Join(dir, "sdbridge/app/control")
	b := startBridge(t, "--control="+control, "--no-socket", "--", "sleep", "600")
	b.up(1)
	t.Setenv("SDBRIDGE_CONTROL", "/nowhere")
	for _, command := range []string{"status", "reload"} {
		if got := complete(t, command, ""); !slices.Contains(got, "app") || slices.Contains(got, "gone") {
			t.Errorf("%s is completed by %q", command, got)
		}
		if got := complete(t, command, "app", ""); len(got) > 0 {
			t.Errorf("%s app is completed by %q", command, got)
		}
	}
}

// complete asks as the scripts of the shells do.
func complete(t *testing.T, words ...string) (values []string) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs(append([]string{"__complete"}, words...))
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		value, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if value != "" && !strings.HasPrefix(value, ":") {
			values = append(values, value)
		}
	}
	return values
}

// The package bash-completion may be missing: what the script uses of it splits
// the line into words.
const withoutBashCompletion = `
_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}; }
__ltrim_colon_completions() { :; }
compopt() { :; }
`

func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	script := withoutBashCompletion + `
source "$1" || exit
COMP_WORDS=(sdbridge run --export sta) COMP_CWORD=3 COMP_TYPE=9 COMP_LINE="sdbridge run --export sta" COMP_POINT=25
$(complete -p sdbridge | sed 's/.* -F \([^ ]*\) .*/\1/') sdbridge sta --export
printf '%s\n' "${COMPREPLY[@]}"
`
	cmd := exec.Command(bash, "--norc", "--noprofile", "-c", script, "bash", filepath.Join(docs, "completions/sdbridge.bash"))
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary(t, "sdbridge"))+":"+os.Getenv("PATH"))
	text, err := cmd.CombinedOutput()
	if word := strings.TrimSpace(string(text)); err != nil || word != "starter" {
		t.Errorf("sta is completed by %q, %v", word, err)
	}
}

// TestScriptsParse has the shells that are there read their script.
func TestScriptsParse(t *testing.T) {
	for shell, script := range map[string]string{"bash": "sdbridge.bash", "zsh": "_sdbridge", "fish": "sdbridge.fish"} {
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		if text, err := exec.Command(shell, "-n", filepath.Join(docs, "completions", script)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", shell, err, text)
		}
	}
}
