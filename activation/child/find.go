package child

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// find looks at what was handed over, once. Programs that this one starts do not
// inherit it.
func (p *process) find() error {
	if p.found {
		return nil
	}
	handed, err := p.announced()
	if err != nil {
		return err
	}
	for _, s := range handed {
		found, err := p.inspect(s.FD)
		if err != nil {
			return err
		}
		unix.CloseOnExec(s.FD)
		found.FDName, found.Given = s.FDName, s.Given
		p.left = append(p.left, found)
	}
	p.found = true
	return nil
}

// announced is what either convention says. A bridge uses both at once for the
// same descriptors: LISTEN_FDS has those that start_server has no name for,
// SERVER_STARTER_PORT those beyond a gap in the numbers.
func (p *process) announced() ([]activation.Socket, error) {
	fds, err := activation.FromSystemd(p.lookup, activation.Self{PID: p.pid})
	if _, foreign := errors.AsType[*activation.NotForUs](err); err != nil && !foreign {
		return nil, err
	}
	entries, err := activation.FromStarter(p.lookup)
	if err != nil {
		return nil, err
	}
	var sockets []activation.Socket
	for _, h := range fds {
		sockets = append(sockets, activation.Socket{FD: h.FD, FDName: h.Name})
	}
	for _, h := range entries {
		i := slices.IndexFunc(sockets, func(s activation.Socket) bool { return s.FD == h.FD })
		if i < 0 {
			sockets = append(sockets, activation.Socket{FD: h.FD, Given: h.Name})
			continue
		}
		sockets[i].Given = h.Name
	}
	return sockets, nil
}
