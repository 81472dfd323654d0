package check

import (
	"slices"
	"strings"
)

func install(p *pair, s *file) (found []Finding) {
	enabled := func(f *file) bool {
		return len(f.all("Install.WantedBy", "Install.RequiredBy", "Install.UpheldBy")) > 0 || p.loader.wanted(f)
	}
	if len(p.sockets) == 0 || strings.Contains(s.name, "@") {
		return nil
	}
	service := enabled(s) || p.loader.pulled(s, s)
	for _, socket := range p.sockets {
		switch {
		case enabled(socket):
			wanted := socket.all("Install.WantedBy")
			if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(s setting) bool { return strings.Contains(s.Value, "sockets.target") }) {
				found = append(found, socket.finding(Hint, wanted[0].where, "WantedBy="+wanted[0].Value+" in a socket",
					"it is bound late at boot; until then clients are refused", "WantedBy=sockets.target")...)
			}
		case p.loader.pulled(socket, s):
		case !service:
			severity := Closes
			if socket.early() {
				severity = Hint
			}
			found = append(found, socket.finding(severity, socket.path, "neither "+socket.name+" nor "+s.name+" has an [Install] section",
				"systemctl enable does nothing: after the next boot nothing binds the socket", "[Install]\nWantedBy=sockets.target")...)
		default:
			found = append(found, socket.finding(Hint, socket.path, socket.name+" has no [Install] section",
				"it is bound only when the service starts, late at boot", "[Install]\nWantedBy=sockets.target")...)
		}
	}
	if !service && !p.inetd() {
		found = append(found, s.finding(Hint, s.path, s.name+" has no [Install] section",
			"systemctl enable of it does nothing, and a service that cannot start is found out by the first client", "[Install]\nWantedBy=multi-user.target")...)
	}
	return found
}
