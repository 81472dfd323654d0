package check

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// address is what a unit binds, or a command line names.
type address struct {
	setting        // of a unit
	unit    *file  // that binds it
	text    string // as it is written
	udp     bool
	path    string // of a Unix socket, "@name" too
	host    string // "": any, of both families; of a command line: not said
	port    int    // 0: none
	unsure  bool   // of a command line: it may be the address of something else
}

func (a address) v6() bool {
	return a.path == "" && a.port > 0 && (a.host == "" || strings.Contains(a.host, ":"))
}

var listenKeys = []string{
	"Socket.ListenStream", "Socket.ListenDatagram", "Socket.ListenSequentialPacket", "Socket.ListenFIFO",
	"Socket.ListenSpecial", "Socket.ListenNetlink", "Socket.ListenMessageQueue", "Socket.ListenUSBFunction",
}

// listens are the addresses of a socket unit that this package understands.
func listens(f *file) (list []address) {
	for _, s := range f.all(listenKeys...) {
		if slices.Contains(listenKeys[:3], "Socket."+s.Name) {
			if a, ok := listen(s.Value); ok {
				a.setting, a.unit, a.udp = s, f, s.Name == "ListenDatagram"
				if only := f.value("Socket.BindIPv6Only"); a.host == "" && a.port > 0 && (only == "ipv6-only" || unitfile.IsTrue(only)) {
					a.host = "::"
				}
				list = append(list, a)
			}
		}
	}
	return list
}

// longest is the length of a path that sun_path holds.
const longest = 107

// listen reads an address as systemd.socket(5) takes it.
func listen(text string) (address, bool) {
	a := address{text: text}
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, "@") {
		a.path = canonical(text)
		return a, len(text) > 1 && len(text) <= longest
	}
	host, port := "", text
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		host, port = text[:i], text[i+1:]
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(port, "+"), 0, 16) // 080 is octal, and so no number
	a.port = int(n)
	if err != nil || n == 0 || port == text {
		return a, err == nil && n > 0
	}
	bare, bracketed := strings.CutPrefix(host, "[")
	ip, err := netip.ParseAddr(strings.TrimSuffix(bare, "]"))
	if err != nil || ip.Is4() == bracketed || strings.HasSuffix(host, "]") != bracketed {
		return a, false
	}
	if a.host = ip.String(); a.host == "::" {
		a.host = "" // both families, but for BindIPv6Only=
	}
	return a, true
}

// canonical is a path by which two can be compared.
func canonical(p string) string {
	if strings.HasPrefix(p, "@") {
		return p
	}
	p = path.Clean(p)
	if rest, ok := strings.CutPrefix(p, "/var/run/"); ok {
		return "/run/" + rest
	}
	return p
}

// listens are those of all sockets.
func (p *pair) listens() (list []address) {
	for _, s := range p.sockets {
		list = append(list, listens(s)...)
	}
	return list
}

func noAddress(_ *pair, s *file) (found []Finding) {
	all := s.all(listenKeys...)
	if len(all) == 0 && !strings.HasSuffix(s.stem(), "@") {
		return s.finding(Blocks, s.path, "no Listen…= line", "systemd refuses the socket", "ListenStream=8080")
	}
	for _, one := range all {
		if !slices.Contains(listenKeys[:3], "Socket."+one.Name) || strings.ContainsAny(one.Value, "%") || strings.HasPrefix(one.Value, "vsock:") {
			continue
		}
		if _, ok := listen(one.Value); !ok && !strings.HasSuffix(s.stem(), "@") { // a template's is not known yet
			found = append(found, s.finding(Blocks, one.where, one.Name+"="+one.Value+" is no address",
				"systemd takes a port, an IP address with a port, or an absolute path of up to 107 bytes, and ignores the line", one.Name+"=8080, 127.0.0.1:8080, [::1]:8080 or /run/"+s.stem()+".sock")...)
		}
	}
	return found
}

// freeBind: a socket is bound before the network is up.
func freeBind(_ *pair, s *file) (found []Finding) {
	if s.is("Socket.FreeBind") {
		return nil
	}
	for _, a := range listens(s) {
		ip, err := netip.ParseAddr(a.host)
		if err != nil || ip.IsUnspecified() || ip.IsLoopback() || ip.IsMulticast() || ip.IsLinkLocalUnicast() {
			continue
		}
		found = append(found, s.finding(Hint, a.where, a.Name+"="+a.text+" without FreeBind=",
			"a socket is bound early at boot: where the address comes later, as of DHCP, it cannot be bound", "FreeBind=yes")...)
	}
	return found
}

func overlap(p *pair, _ *file) (found []Finding) {
	all := p.listens()
	for i, a := range all {
		for _, b := range all[:i] {
			if !overlaps(a, b) {
				continue
			}
			severity, why, write := Blocks, "the second cannot be bound: address already in use", "leave "+a.Name+"="+a.text+" out"
			if a.unit.is("Socket.ReusePort") {
				severity, why = Loses, "the kernel spreads the clients over both; daemon-reload drops one of them, with what waits in it"
			}
			if a.port > 0 && a.text != b.text {
				write += "; or BindIPv6Only=ipv6-only where one is [::]"
			}
			found = append(found, a.unit.finding(severity, a.where, fmt.Sprintf("%s=%s overlaps %s=%s of %s", a.Name, a.text, b.Name, b.text, b.unit.name), why, write)...)
		}
	}
	return found
}

func overlaps(a, b address) bool {
	if a.path != "" || b.path != "" || a.port != b.port || a.udp != b.udp {
		return a.path != "" && a.path == b.path && a.udp == b.udp
	}
	any4 := func(a address) bool { return a.host == "" || a.host == "0.0.0.0" }
	any6 := func(a address) bool { return a.host == "" || a.host == "::" }
	is4 := func(a address) bool { return any4(a) || !strings.Contains(a.host, ":") }
	is6 := func(a address) bool { return any6(a) || strings.Contains(a.host, ":") }
	return a.host == b.host || any4(a) && is4(b) || any4(b) && is4(a) || any6(a) && is6(b) || any6(b) && is6(a)
}

func addressDiffers(p *pair, s *file) (found []Finding) {
	handed := p.listens()
	if len(handed) == 0 || p.inetd() {
		return nil
	}
	for _, a := range p.child.addresses() {
		exact, near := a.among(handed)
		if exact != nil {
			continue
		}
		severity, why := Loses, "the program is handed another address than it is told: it listens beside the socket, or its clients look for it where it is not"
		others := []string{}
		for _, h := range handed {
			others = append(others, h.text)
		}
		switch {
		case near != nil:
			why = "the program does not take the handed socket for its own and binds a second one: clients of " + near.text + " wait in a queue that nobody reads"
		case a.path != "":
			severity, why = Closes, "the handed socket wins, and "+a.path+" is never made: what points at it finds nothing"
		}
		if a.unsure {
			severity = Hint
		}
		found = append(found, s.finding(severity, s.where("Service.ExecStart"), fmt.Sprintf("%s in the command line, %s in the socket", a.text, strings.Join(others, ", ")),
			why, "leave "+a.text+" out; the address belongs in ListenStream= alone")...)
	}
	return found
}

func addressRepeated(p *pair, s *file) (found []Finding) {
	handed, child := p.listens(), p.child
	if p.inetd() {
		return nil
	}
	if child.server() == "start_server" { // whose own are address-differs'
		child = launched(behind(child.argv))
		handed = launch{argv: p.child.argv[:len(p.child.argv)-len(behind(p.child.argv))]}.addresses()
	}
	for _, a := range child.addresses() {
		if exact, _ := a.among(handed); exact != nil {
			found = append(found, s.finding(Hint, s.where("Service.ExecStart"), a.text+" repeats "+strings.TrimPrefix(exact.Name+"=", "=")+exact.text,
				"harmless while the program sees the handed socket; when it does not, it binds the address itself", "leave "+a.text+" out")...)
		}
	}
	return found
}
