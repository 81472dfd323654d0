package socket

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sdbridge/sdbridge/activation"
)

// refuse tells where the flags and what was handed over disagree.
func (m matching) refuse(selected bool) error {
	var problems []error
	missed := map[*offer]bool{}
	for i, a := range m.asks {
		o := m.found[i]
		if o == nil {
			if near := m.nearMiss(a); near != nil {
				missed[near] = true
				problems = append(problems, missError(a, near))
			}
		} else if !o.chosen {
			problems = append(problems, fmt.Errorf(
				"%s asks for %s, which --select leaves out: name it in --select too, or drop the flag", a.flag(), o.title()))
		}
	}
	if len(m.asks) > 0 && !selected {
		for _, o := range m.offers {
			if !o.taken && !missed[o] && offered(o.Kind) {
				problems = append(problems, m.leftError(o))
			}
		}
	}
	return errors.Join(problems...)
}

func (m matching) nearMiss(a ask) *offer {
	for _, o := range m.offers {
		if o.chosen && !o.taken && samePort(a, o) {
			return o
		}
	}
	return nil
}

func missError(a ask, o *offer) error {
	text := fmt.Sprintf("%s asks for %s, but what was handed over is %s: write ", a.flag(), a.Socket, o.title())
	if flag := flagFor(o.Socket); flag != "" {
		text += flag + ", or "
	}
	return fmt.Errorf("%s%s in the .socket unit", text, unitLine(a.Socket))
}

// offered tells whether clients would wait in vain on a socket that no flag takes.
func offered(k activation.Kind) bool {
	return k == activation.TCP || k == activation.UDP || k == activation.UnixStream || k == activation.UnixDatagram
}

func (m matching) leftError(o *offer) error {
	var flags []string
	for _, a := range m.asks {
		flags = append(flags, a.flag())
	}
	var ways []string
	if flag := flagFor(o.Socket); flag != "" && !m.twice(o) {
		ways = append(ways, "add "+flag)
	}
	ways = append(ways, "remove "+unitLine(o.Socket)+" from its .socket unit")
	if others := m.others(o); others != "" {
		ways = append(ways, "leave it out with --select "+others)
	}
	return fmt.Errorf("%s was handed over, and no flag takes it (%s), so that nobody would accept on it: %s",
		o.title(), strings.Join(flags, ", "), strings.Join(ways, ", or "))
}

// twice tells whether another socket of the same address was taken, so that one
// more flag could not take this one.
func (m matching) twice(o *offer) bool {
	for _, other := range m.found {
		if other != nil && other.Kind == o.Kind && other.Addr == o.Addr && other.Path == o.Path {
			return true
		}
	}
	return false
}

// others is what to select in order to leave out o; "" where names don't tell.
func (m matching) others(o *offer) string {
	var names []string
	all := m.handed()
	for i, other := range m.offers {
		if other == o {
			continue
		}
		name := handleOf(all, i)
		if name == "" {
			return ""
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

func (m matching) handed() []Placed {
	all := make([]Placed, len(m.offers))
	for i, o := range m.offers {
		all[i] = o.Placed
	}
	return all
}

// flagFor is the flag that asks for a socket; "" where there is none.
func flagFor(s activation.Socket) string {
	ip, mark := s.Addr.Addr(), ""
	if s.Kind == activation.UDP {
		mark = "u"
	}
	port := mark + strconv.Itoa(int(s.Addr.Port()))
	switch {
	case s.Kind == activation.UnixStream && s.Path != "" && s.Path[0] != '@':
		return "--path " + s.Path
	case s.Kind != activation.TCP && s.Kind != activation.UDP, ip.Zone() != "":
		return ""
	case ip.Is4() && ip.IsUnspecified(), s.DualStack():
		return "--port " + port
	case ip.Is4():
		return "--port " + ip.String() + ":" + port
	default:
		return "--port [" + ip.String() + "]:" + port
	}
}

// unitLine is the line of a .socket unit that makes a socket, systemd.socket(5).
func unitLine(s activation.Socket) string {
	directive := "ListenStream="
	if s.Kind == activation.UDP || s.Kind == activation.UnixDatagram {
		directive = "ListenDatagram="
	}
	switch {
	case s.Kind == activation.UnixStream || s.Kind == activation.UnixDatagram:
		return directive + s.Path
	case s.DualStack():
		return directive + strconv.Itoa(int(s.Addr.Port()))
	default:
		return directive + s.Addr.String()
	}
}
