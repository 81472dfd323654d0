package matrix

import (
	"crypto/sha256"
	"encoding/hex"
	goversion "go/version"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// folder is that of a child's application.
func folder(t *testing.T, name string) string {
	t.Helper()
	dir, err := filepath.Abs("../children/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// need skips the test where a program is not there; from names where to get it.
func need(t *testing.T, program, from string) string {
	t.Helper()
	at, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not there: %s", program, from)
	}
	return at
}

// needPerl skips the test where a Perl module is not there.
func needPerl(t *testing.T, module, from string) {
	t.Helper()
	if exec.Command(need(t, "perl", "apt-get install perl"), "-M"+module, "-e1").Run() != nil {
		t.Skipf("the Perl module %s is not there: %s", module, from)
	}
}

var making sync.Mutex

// cached is a directory outside of the repository that make has filled once for
// what the files hold, and can be shared by test runs.
func cached(t *testing.T, name string, files []string, make func(dir string)) string {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "sdbridge", "children", name+"-"+digest(t, files))
	done := filepath.Join(dir, ".done")
	if _, err := os.Stat(done); err == nil {
		return dir
	}
	make(dir)
	if t.Failed() {
		t.FailNow()
	}
	if err := os.WriteFile(done, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func digest(t *testing.T, files []string) string {
	t.Helper()
	sum := sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// oldestRust compiles the crates that the lock files name.
const oldestRust = "1.88"

// needRust skips the test where Rust is missing or too old, as Debian's is.
func needRust(t *testing.T) string {
	t.Helper()
	tool := need(t, "cargo", "Rust "+oldestRust+" or later, by rustup.rs")
	text, err := exec.Command(tool, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	// cargo 1.95.0 (f2d3ce0bd 2026-03-21)
	version := "go" + strings.Fields(string(text))[1]
	if goversion.Compare(version, "go"+oldestRust) < 0 {
		t.Skipf("cargo is too old, %s: Rust %s or later is needed, by rustup.rs", strings.TrimSpace(string(text)), oldestRust)
	}
	return tool
}

// fetch runs a command that downloads, and skips the test where that is not to
// be had.
func fetch(t *testing.T, argv ...string) {
	t.Helper()
	if text, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		t.Skipf("cannot download: %s: %v: %s", strings.Join(argv, " "), err, lines[len(lines)-1])
	}
}

// do runs a build command.
func do(t *testing.T, argv ...string) {
	t.Helper()
	if text, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, text)
	}
}

// cargo builds the Rust child of that name by its lock file.
func cargo(t *testing.T, name string) []string {
	t.Helper()
	tool := needRust(t)
	source := folder(t, name)
	files := []string{source + "/Cargo.lock", source + "/Cargo.toml", source + "/src/main.rs"}
	dir := cached(t, name, files, func(dir string) {
		fetch(t, tool, "fetch", "--quiet", "--locked", "--manifest-path", source+"/Cargo.toml")
		do(t, tool, "install", "--quiet", "--offline", "--locked", "--path", source, "--root", dir,
			"--target-dir", filepath.Join(filepath.Dir(dir), name+"-target"))
	})
	return []string{filepath.Join(dir, "bin", name+"-child")}
}

// python installs a child's requirements, with their hashes, and returns the
// command of that name among them.
func python(t *testing.T, name string) string {
	t.Helper()
	tool := need(t, "python3", "apt-get install python3-venv")
	requirements := folder(t, name) + "/requirements.txt"
	dir := cached(t, name, []string{requirements}, func(dir string) {
		do(t, tool, "-m", "venv", "--clear", dir)
		fetch(t, dir+"/bin/pip", "install", "--quiet", "--require-hashes", "--requirement", requirements)
	})
	return filepath.Join(dir, "bin", name)
}

var binaries = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "sdbridge-matrix-") })

// goBuild builds a package of this module.
func goBuild(t *testing.T, pkg string) string {
	t.Helper()
	return built(t, filepath.Base(pkg), "../..", "./"+pkg)
}

// goModule builds the child of that name, which is a module of its own: what it
// is made of is no dependency of the bridge.
func goModule(t *testing.T, name string) string {
	t.Helper()
	fetch(t, "go", "-C", folder(t, name), "mod", "download")
	return built(t, name, folder(t, name), ".")
}

// built builds a Go program once for a test run.
func built(t *testing.T, name, dir, pkg string) string {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	to, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(to, name)
	if _, err := os.Stat(at); err != nil {
		do(t, "go", "-C", dir, "build", "-o", at, pkg)
	}
	return at
}

func TestMain(m *testing.M) {
	status := m.Run()
	if dir, err := binaries(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(status)
}
