package launch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
)

func TestEnvironPrecedence(t *testing.T) {
	root := tree(t, map[string]string{
		"1.env":    "A=file1\nB=file1\nC=file1\n",
		"2.env":    "B=file2\nC=file2\n",
		"env/C":    "dir\n",
		"bin/true": "",
	})
	l := prepare(t, Spec{
		Command:  []string{root + "/bin/true"},
		Base:     []string{"A=base", "D=first", "D=base", "E=base=1", "junk", "=x"},
		EnvFiles: []string{root + "/1.env", "-" + root + "/none.env", "-" + root + "/2.env"},
		EnvDir:   root + "/env",
	})
	want := []string{"A=file1", "B=file2", "C=dir", "D=base", "E=base=1"}
	if !slices.Equal(l.Env, want) {
		t.Errorf("got %q, want %q", l.Env, want)
	}
}

// Additions, changes and removals all reach the next generation, and a removal
// brings back what the bridge itself was started with.
func TestEnvironIsMadeAnew(t *testing.T) {
	root := tree(t, map[string]string{
		"app.env":  "A=1\nB=1\n",
		"env/X":    "1\n",
		"env/Y":    "1\n",
		"bin/true": "",
	})
	s := Spec{
		Command:  []string{root + "/bin/true"},
		Base:     []string{"X=base", "A=base"},
		EnvFiles: []string{root + "/app.env"},
		EnvDir:   root + "/env",
	}
	first := prepare(t, s)
	check(t, os.WriteFile(root+"/app.env", []byte("B=2\nC=2\n"), 0o644))
	check(t, os.Remove(root+"/env/X"))
	check(t, os.WriteFile(root+"/env/Y", []byte("2\n"), 0o644))
	check(t, os.WriteFile(root+"/env/Z", []byte("2\n"), 0o644))
	second := prepare(t, s)
	if want := []string{"A=1", "B=1", "X=1", "Y=1"}; !slices.Equal(first.Env, want) {
		t.Errorf("first: got %q, want %q", first.Env, want)
	}
	if want := []string{"A=base", "B=2", "C=2", "X=base", "Y=2", "Z=2"}; !slices.Equal(second.Env, want) {
		t.Errorf("second: got %q, want %q", second.Env, want)
	}
}

func TestEnvDirFiles(t *testing.T) {
	root := tree(t, map[string]string{
		"env/LINE":     "value\nsecond\n",
		"env/NO_NL":    "value",
		"env/BLANKS":   " a \t\r\n",
		"env/EMPTY":    "\n",
		"env/NOTHING":  "",
		"env/.hidden":  "x\n",
		"env/sub/":     "",
		"env/LINK":     "-> ../secret",
		"env/DANGLING": "-> ../gone",
		"env/LONG":     "first\n" + strings.Repeat("x", 2*maxVariable),
		"secret":       "s3\n",
	})
	env, err := readEnvDir(root+"/env", false)
	check(t, err)
	want := []string{"BLANKS= a \t\r", "EMPTY=", "LINE=value", "LINK=s3", "LONG=first", "NO_NL=value"}
	if got := env.list(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The writer of a FIFO may stay.
func TestEnvDirReadsOneLine(t *testing.T) {
	root := tree(t, map[string]string{"env/": ""})
	check(t, syscall.Mkfifo(root+"/env/A", 0o600))
	writer, err := os.OpenFile(root+"/env/A", os.O_RDWR, 0)
	check(t, err)
	defer writer.Close()
	_, err = writer.WriteString("value\nmore")
	check(t, err)
	env, err := readEnvDir(root+"/env", false)
	check(t, err)
	if env["A"] != "value" {
		t.Errorf("got %q", env)
	}
}

func TestEnvDirRefuses(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{
			"not there",
			map[string]string{},
			`cannot take the environment from --envdir "ROOT/env": no such file or directory`,
		},
		{
			"a file",
			map[string]string{"env": ""},
			`cannot take the environment from --envdir "ROOT/env": not a directory`,
		},
		{
			"= in a name",
			map[string]string{"env/a=b": "v"},
			`cannot take the environment from --envdir "ROOT/env/a=b": a variable's name cannot hold "="; rename the file, or put a dot in front`,
		},
		{
			"NUL",
			map[string]string{"env/A": "a\x00b\n"},
			`cannot take the environment from --envdir "ROOT/env/A": a variable's value cannot hold a NUL byte; is it a text file?`,
		},
		{
			"too long",
			map[string]string{"env/A": strings.Repeat("x", maxVariable-2)},
			`cannot take the environment from --envdir "ROOT/env/A": longer than one variable can be (131072 bytes)`,
		},
		{
			"no end",
			map[string]string{"env/A": "-> /dev/zero"},
			`cannot take the environment from --envdir "ROOT/env/A": a variable's value cannot hold a NUL byte; is it a text file?`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, c.files)
			_, err := Spec{EnvDir: root + "/env"}.Prepare()
			wantError(t, err, root, c.want)
			env, err := readEnvDir(root+"/env", true)
			if err != nil || len(env) != 0 {
				t.Errorf("as Server::Starter: got %q, %v, want it to be passed over", env, err)
			}
		})
	}
}

func TestUnreadableFiles(t *testing.T) {
	broken := map[string]func(string) (io.ReadCloser, error){
		"open": func(path string) (io.ReadCloser, error) {
			return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EACCES}
		},
		"read": func(path string) (io.ReadCloser, error) {
			failing := iotest.ErrReader(&fs.PathError{Op: "read", Path: path, Err: syscall.EACCES})
			return io.NopCloser(io.MultiReader(strings.NewReader("A=half"), failing)), nil
		},
	}
	for name, open := range broken {
		t.Run(name, func(t *testing.T) {
			root := tree(t, map[string]string{"env/A": "1\n"})
			replaceSystem(t, func(s *sys) { s.open = open })
			_, err := readEnvFile("-" + root + "/app.env")
			wantError(t, err, root, `cannot take the environment from --env-file "ROOT/app.env": permission denied`)
			_, err = readEnvDir(root+"/env", false)
			wantError(t, err, root, `cannot take the environment from --envdir "ROOT/env/A": permission denied`)
			if env, err := readEnvDir(root+"/env", true); err != nil || len(env) != 0 {
				t.Errorf("as Server::Starter: got %q, %v", env, err)
			}
		})
	}
}

func TestEnvFileRefuses(t *testing.T) {
	root := tree(t, map[string]string{"bad.env": "A=1\nexport B=2\n", "dir/": ""})
	cases := []struct{ flag, want string }{
		{
			"none.env",
			`cannot take the environment from --env-file "ROOT/none.env": no such file or directory; make it, or write --env-file=-ROOT/none.env where it may be missing`,
		},
		{"-none.env", ""},
		{"bad.env", `cannot take the environment from --env-file "ROOT/bad.env": line 2: "export B" is not a name; write B=… without export`},
		{"-bad.env", `cannot take the environment from --env-file "ROOT/bad.env": line 2: "export B" is not a name; write B=… without export`},
		{"-dir", `cannot take the environment from --env-file "ROOT/dir": is a directory`},
	}
	for _, c := range cases {
		path, optional := strings.CutPrefix(c.flag, "-")
		flag := filepath.Join(root, path)
		if optional {
			flag = "-" + flag
		}
		_, err := Spec{Command: []string{"/bin/sh"}, EnvFiles: []string{flag}}.Prepare()
		wantError(t, err, root, c.want)
		if file, ok := errors.AsType[*FileError](err); err != nil && (!ok || !errors.Is(err, file.Err)) {
			t.Errorf("%T is no *FileError, or hides its cause", err)
		}
	}
}

func TestEnvFileTooLong(t *testing.T) {
	_, err := readEnvFile("/dev/zero")
	wantError(t, err, "ROOT", `cannot take the environment from --env-file "/dev/zero": longer than an environment can be (8388608 bytes)`)
}
