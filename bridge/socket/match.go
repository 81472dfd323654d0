package socket

import (
	"github.com/sdbridge/sdbridge/activation"
)

// offer is a socket that was handed over.
type offer struct {
	Placed

	chosen bool // the child is to get it
	taken  bool // a flag asks for it
}

// offers returns the chosen ones first, in the order of choice.
func (s sys) offers(handed []activation.Socket, selection []string) ([]*offer, error) {
	all := make([]Placed, len(handed))
	for i, h := range handed {
		all[i] = Placed{Socket: h, Entry: h.EntryName(), Want: -1}
		if h.Kind == activation.UnixStream && h.Path != "" && h.Path[0] != '@' {
			all[i].file, _ = s.socketFile(h.Path)
		}
	}
	chosen, err := choose(all, selection)
	if err != nil {
		return nil, err
	}
	var offers []*offer
	seen := map[int]bool{}
	for _, i := range chosen {
		offers = append(offers, &offer{Placed: all[i], chosen: true})
		seen[i] = true
	}
	for i, p := range all {
		if !seen[i] {
			offers = append(offers, &offer{Placed: p})
		}
	}
	return offers, nil
}

// matching is what each flag found.
type matching struct {
	asks   []ask
	offers []*offer
	found  []*offer // for each ask; nil: to be bound
}

func match(asks []ask, offers []*offer) matching {
	m := matching{asks, offers, make([]*offer, len(asks))}
	m.take(exact)
	m.take(dualStack)
	return m
}

func (m matching) take(fits func(ask, *offer) bool) {
	for i, a := range m.asks {
		if m.found[i] != nil {
			continue
		}
		for _, o := range m.offers {
			if !o.taken && fits(a, o) {
				m.found[i] = o
				o.taken = true
				break
			}
		}
	}
}

func exact(a ask, o *offer) bool {
	switch {
	case a.Kind != o.Kind:
		return false
	case a.Kind == activation.UnixStream:
		return a.file != fileID{} && a.file == o.file
	default:
		return a.Addr == o.Addr
	}
}

// dualStack: a plain ListenStream=8080 is what --port 8080 became in the unit.
func dualStack(a ask, o *offer) bool {
	return a.bare && samePort(a, o) && o.DualStack()
}

func samePort(a ask, o *offer) bool {
	return a.Kind == o.Kind && a.Kind != activation.UnixStream && a.Addr.Port() == o.Addr.Port()
}

// placed is what the child gets: what the flags ask for, then the other chosen
// ones.
func (m matching) placed() []Placed {
	var placed []Placed
	for i, a := range m.asks {
		p := a.Placed
		if o := m.found[i]; o != nil {
			p.Socket, p.file, p.Bound = o.Socket, o.file, false
		}
		placed = append(placed, p)
	}
	for _, o := range m.offers {
		if o.chosen && !o.taken {
			placed = append(placed, o.Placed)
		}
	}
	return placed
}
