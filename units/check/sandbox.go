package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// allowed tells whether the service may hold a capability, systemd.exec(5). The
// first list is put in place of the full set, also after a bare "~".
func allowed(s *file, capability string) bool {
	full, has := true, true
	for _, one := range s.settings {
		if one.Section+"."+one.Name != "Service.CapabilityBoundingSet" {
			continue
		}
		list, inverted := strings.CutPrefix(one.Value, "~")
		words := strings.Fields(strings.ToUpper(list))
		named := slices.Contains(words, capability)
		switch {
		case len(words) == 0:
			full, has = inverted, inverted
			continue
		case inverted:
			has = has && !named
		case full:
			has = named
		default:
			has = has || named
		}
		full = false
	}
	return has
}

// root tells whether the service is started as root.
func root(s *file) bool {
	user := s.value("Service.User")
	return (user == "" || user == "root" || user == "0") && !s.is("Service.DynamicUser")
}

// dropped is how the program becomes another user by itself; "" where it does not.
func (p *pair) dropped() string {
	for _, l := range []launch{p.run, p.child} {
		if l.user != "" {
			return l.user
		}
	}
	server := p.child.server()
	for _, option := range dropping[server] {
		if user, ok := p.child.has(option); ok {
			return server + " " + option + " " + user
		}
	}
	if server == "h2o" && root(p.service) {
		return "h2o, by user: in its configuration (nobody, when it has none)"
	}
	return ""
}

// dropping are the options by which servers become another user.
var dropping = map[string][]string{
	"starman": {"--user"}, "gunicorn": {"--user", "-u"}, "uwsgi": {"--uid"},
}

func dropsRoot(p *pair, s *file) []Finding {
	how := p.dropped()
	wrapped := p.run.user != "" || p.child.user != ""
	setsID := p.run.setsID || p.child.setsID
	line := s.where("Service.ExecStart")
	write := "User= with that user, and the program without it; systemd binds the socket, whatever its port"
	switch {
	case how == "":
		return nil
	case !root(s) && wrapped && !setsID:
		return s.finding(Blocks, line, how+" under User="+s.value("Service.User"), "only root can become another user: the program fails", write)
	case root(s) && (!allowed(s, "CAP_SETUID") || !allowed(s, "CAP_SETGID")):
		return s.finding(Blocks, s.where("Service.CapabilityBoundingSet"), how+" under a CapabilityBoundingSet= without CAP_SETUID and CAP_SETGID",
			"root without them cannot become another user: the program fails", write)
	case !root(s) && setsID && s.is("Service.DynamicUser"):
		return s.finding(Blocks, s.where("Service.DynamicUser"), how+" under DynamicUser=", "it implies NoNewPrivileges=yes, by which no setuid program gets its rights: the program fails", write)
	case !root(s) && setsID && s.is("Service.NoNewPrivileges"):
		return s.finding(Blocks, s.where("Service.NoNewPrivileges"), how+" under NoNewPrivileges=yes", "no setuid program gets its rights: the program fails", write)
	}
	return nil
}

// compilers make machine code while they run.
var compilers = []string{"node", "npm", "npx", "yarn", "pnpm", "deno", "bun", "luajit", "resty", "openresty", "java", "dotnet"}

func memoryDenyWriteExecute(p *pair, s *file) []Finding {
	server := p.child.server()
	if !s.is("Service.MemoryDenyWriteExecute") || !slices.Contains(compilers, server) {
		return nil
	}
	return s.finding(Blocks, s.where("Service.MemoryDenyWriteExecute"), "MemoryDenyWriteExecute=yes with "+server,
		"it makes machine code while it runs, and dies", "leave MemoryDenyWriteExecute= out")
}

// procHidden: readiness by accept reads /proc of the child's processes, and
// asks the kernel by netlink.
func procHidden(p *pair, s *file, b *bridge) (found []Finding) {
	rule, _, _ := strings.Cut(b.text("ready"), ":")
	if rule != "auto" && rule != "accept" {
		return nil
	}
	severity, then := Blocks, "the candidate is never seen to be ready"
	if rule == "auto" {
		severity, then = Hint, "the bridge falls back to READY=1 and to --interval"
	}
	if how := p.dropped(); how != "" && !allowed(s, "CAP_SYS_PTRACE") {
		where := s.where("Service.CapabilityBoundingSet")
		found = append(found, s.finding(severity, where, fmt.Sprintf("--ready=%s and a child of another user (%s) without CAP_SYS_PTRACE", rule, how),
			"/proc of the child cannot be read: "+then, "User= for both; or CAP_SYS_PTRACE in CapabilityBoundingSet=; or --ready=notify")...)
	}
	if set, ok := s.last("Service.ProtectProc"); ok && !root(s) && p.dropped() != "" && set.Value != "default" {
		found = append(found, s.finding(severity, set.where, "ProtectProc="+set.Value+" and a child of another user", "/proc of the child is hidden: "+then, "User= for both; or ProtectProc=default")...)
	}
	if !reaches(s, "AF_NETLINK") {
		found = append(found, s.finding(severity, s.where("Service.RestrictAddressFamilies"), "RestrictAddressFamilies= without AF_NETLINK",
			"the bridge cannot ask the kernel who waits on the socket: "+then, "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK")...)
	}
	if s.value("Service.ProcSubset") == "pid" {
		found = append(found, s.finding(Hint, s.where("Service.ProcSubset"), "ProcSubset=pid", "all of /proc but the processes is hidden, which runtimes of children need", "leave ProcSubset= out")...)
	}
	return found
}

// reaches tells whether the service may use an address family.
func reaches(s *file, family string) bool {
	var values []string
	for _, one := range s.settings {
		if one.Section+"."+one.Name == "Service.RestrictAddressFamilies" {
			values = append(values, one.Value)
		}
	}
	return unitfile.Reaches(values, family)
}

// addressFamilies: the bridge listens at a Unix socket of its own, and says READY=1
// on one.
func addressFamilies(_ *pair, s *file, b *bridge) []Finding {
	listens, says := controlOf(s, b.text("control")) != "", strings.HasPrefix(kind(s), "notify")
	if reaches(s, "AF_UNIX") || !listens && !says {
		return nil
	}
	return s.finding(Blocks, s.where("Service.RestrictAddressFamilies"), "RestrictAddressFamilies= without AF_UNIX",
		"the bridge can neither make its control socket nor say READY=1: it never starts", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK")
}

// dynamicUser: systemd 247 keeps a preserved runtime directory below
// /run/private, which UMask=0027 closes to the service itself.
func dynamicUser(p *pair, s *file, _ *bridge) []Finding {
	preserve := s.value("Service.RuntimeDirectoryPreserve")
	mask := strings.TrimLeft(s.value("Service.UMask"), "0")
	if !s.is("Service.DynamicUser") || preserve == "" || unitfile.IsFalse(preserve) || mask == "" || mask == "22" || p.host.Version >= 252 {
		return nil
	}
	severity := Hint
	if p.host.Version > 0 {
		severity = Blocks
	}
	return s.finding(severity, s.where("Service.RuntimeDirectoryPreserve"), "DynamicUser= with RuntimeDirectoryPreserve="+preserve+" and UMask="+s.value("Service.UMask"),
		"systemd 247 keeps such a runtime directory below one that the umask closes to the service: no control socket", "RuntimeDirectoryPreserve=no")
}
