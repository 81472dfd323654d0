package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// take opens the sockets of a sort. What could be opened before an error is
// closed again.
func take[T io.Closer](p *process, sort func(activation.Socket) bool, open func(*os.File) (T, error), names []string) ([]T, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.find(); err != nil {
		return nil, err
	}
	chosen, err := p.choose(sort, names)
	if err != nil {
		return nil, err
	}
	var opened []T
	for _, s := range chosen {
		one, err := openCopy(s, open)
		if err != nil {
			for _, o := range opened {
				_ = o.Close()
			}
			return nil, fmt.Errorf("cannot use socket %s (descriptor %d): %w", s, s.FD, err)
		}
		opened = append(opened, one)
	}
	return opened, p.taken(chosen)
}

// choose finds the sockets of a sort by their names; with none, all.
func (p *process) choose(sort func(activation.Socket) bool, names []string) ([]activation.Socket, error) {
	var chosen []activation.Socket
	missing := slices.Clone(names)
	for _, s := range p.left {
		named := func(name string) bool { return name != "" && (name == s.Given || name == s.FDName) }
		if sort(s) && (len(names) == 0 || slices.ContainsFunc(names, named)) {
			chosen = append(chosen, s)
			missing = slices.DeleteFunc(missing, named)
		}
	}
	if len(missing) > 0 && len(p.left) > 0 {
		return nil, fmt.Errorf("no socket of this kind is called %q; there are: %s", missing[0], p.describe())
	}
	return chosen, nil
}

func (p *process) describe() string {
	var texts []string
	for _, s := range p.left {
		texts = append(texts, fmt.Sprintf("%s (entry name %q, FileDescriptorName %q)", s, s.Given, s.FDName))
	}
	return strings.Join(texts, ", ")
}

// taken closes the descriptors that were handed over: the copies serve now, and
// closing them is enough to let go of the socket.
func (p *process) taken(chosen []activation.Socket) error {
	var errs []error
	for _, s := range chosen {
		errs = append(errs, p.close(s.FD))
		p.left = slices.DeleteFunc(p.left, func(l activation.Socket) bool { return l.FD == s.FD })
	}
	return errors.Join(errs...)
}

// openCopy opens a copy of s; packet net makes another one of that, which stays.
func openCopy[T io.Closer](s activation.Socket, open func(*os.File) (T, error)) (T, error) {
	fd, err := unix.FcntlInt(uintptr(s.FD), unix.F_DUPFD_CLOEXEC, activation.FirstFD)
	if err != nil {
		var none T
		return none, err
	}
	file := os.NewFile(uintptr(fd), s.String()) //nolint:forbidigo // this is the child, where O_NONBLOCK is needed
	defer file.Close()
	return open(file)
}
