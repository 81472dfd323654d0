package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// programs are the paths of all that runs; "" where there is none, and then
// missing says why.
type programs struct {
	dir                                        string // of what is built
	sdbridge, child, empty, act                string
	perl, lestrrat, lestrratV2, shogo, circusd string
	missing                                    map[string]string
}

const (
	circusPin = "circus==0.18.0"
	latest    = "@latest" // of the peers that go.mod does not pin; versions notes what came
)

// build builds the children and gets the peers. A peer that cannot be had is
// left out, not an error.
func build(ctx context.Context, root, sdbridge string) (programs, error) {
	p := programs{dir: filepath.Join(root, "bin", "bench"), missing: map[string]string{}}
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return p, err
	}
	var err error
	if p.sdbridge, err = ownCopy(sdbridge, p.dir); err != nil {
		return p, fmt.Errorf("cannot copy %q: %w; make build makes it", sdbridge, err)
	}
	const repository = "github.com/sdbridge/sdbridge/testdata/"
	for target, pkg := range map[*string]string{
		&p.child:    repository + "bench/child",
		&p.empty:    repository + "bench/empty",
		&p.act:      repository + "tools/act",
		&p.lestrrat: "github.com/lestrrat/go-server-starter/cmd/start_server",
	} {
		if *target, err = goBuild(ctx, p.dir, pkg); err != nil {
			return p, err
		}
	}
	if p.perl, err = exec.LookPath("start_server"); err != nil {
		p.missing[perlName] = "Debian's libserver-starter-perl is not installed"
	}
	p.lestrratV2 = p.install(ctx, lestrratV2Name, "github.com/lestrrat-go/server-starter/cmd/start_server")
	p.shogo = p.install(ctx, shogoName, "github.com/shogo82148/server-starter/cmd/start_server")
	p.circusd = p.installCircus(ctx)
	return p, nil
}

// ownCopy makes sure that the pages of a program are shared with none but ours,
// and that nobody builds it anew under a run.
func ownCopy(program, dir string) (string, error) {
	text, err := os.ReadFile(program)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	copied := filepath.Join(dir, filepath.Base(program))
	_ = os.Remove(copied)
	if err := os.WriteFile(copied, text, 0o755); err != nil {
		return "", err
	}
	return copied, forget(copied)
}

// forget drops a program's file from the page cache, so that it is read as after
// a boot. Else the page cache would keep it in pieces as large as its writer's
// writes, and map a whole piece at the first touch (Linux 6.18: 6.6 MB of PSS for
// a copy written at once, 3.4 for one that install(1) wrote, or that was read).
func forget(program string) error {
	f, err := os.Open(program)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil { // what is dirty stays
		return err
	}
	return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}

func goBuild(ctx context.Context, dir, pkg string) (string, error) {
	name := filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(pkg, "github.com/"), "/", "-"))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", name, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := run(cmd); err != nil {
		return "", err
	}
	return name, forget(name)
}

// install gets a program of a module of its own.
func (p *programs) install(ctx context.Context, name, pkg string) string {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	dir := filepath.Join(p.dir, strings.ReplaceAll(pkg, "/", "-"))
	cmd := exec.CommandContext(ctx, "go", "install", pkg+latest)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+dir)
	if err := run(cmd); err != nil {
		p.missing[name] = "go install " + pkg + " fails" + reason(err)
		return ""
	}
	return filepath.Join(dir, filepath.Base(pkg))
}

// installCircus gets circus into a virtual environment in the user's cache.
func (p *programs) installCircus(ctx context.Context) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		p.missing[circusName] = err.Error()
		return ""
	}
	dir := filepath.Join(cache, "sdbridge", "bench", "circus")
	circusd := filepath.Join(dir, "bin", "circusd")
	if _, err := os.Stat(circusd); err == nil {
		return circusd
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for _, cmd := range []*exec.Cmd{
		exec.CommandContext(ctx, "python3", "-m", "venv", dir),
		exec.CommandContext(ctx, filepath.Join(dir, "bin", "pip"), "install", "--quiet", circusPin),
	} {
		if err := run(cmd); err != nil {
			p.missing[circusName] = "pip install " + circusPin + " fails" + reason(err)
			return ""
		}
	}
	return circusd
}

func run(cmd *exec.Cmd) error {
	text, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(text))
	}
	return err
}

// reason keeps of a failed download what holds on every machine.
func reason(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return ": it took too long"
	case strings.Contains(err.Error(), "403 Forbidden"):
		return ": the module proxy answers 403"
	case errors.Is(err, exec.ErrNotFound):
		return ": there is no python3"
	}
	return ""
}

// versions are those of all that was measured, for the record.
func (p *programs) versions(ctx context.Context) map[string]string {
	out := map[string]string{}
	for name, command := range map[string][]string{
		"go":         {"go", "version"},
		"sdbridge":   {p.sdbridge, "--version"},
		perlName:     {p.perl, "--version"},
		circusName:   {p.circusd, "--version"},
		lestrratName: {"go", "list", "-m", "-f", "{{.Version}}", "github.com/lestrrat/go-server-starter"},
		"commit":     {"git", "describe", "--always", "--dirty"},
	} {
		if command[0] == "" {
			continue
		}
		if text, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err == nil {
			out[name] = strings.TrimSpace(string(text))
		}
	}
	for name, path := range map[string]string{lestrratV2Name: p.lestrratV2, shogoName: p.shogo} {
		if info, err := buildinfo.ReadFile(path); err == nil {
			out[name] = info.Main.Version
		}
	}
	return out
}
