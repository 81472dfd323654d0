package pair

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// least is what the bridge surely starts with; a smaller limit is the child's
// alone. A Go program reserves addresses in large steps, and there is no sharp
// bound: it was seen to live with 1.0 GB, and to die with 1.2.
var least = map[string]struct {
	bytes  uint64
	option string // of prlimit(1)
}{
	"LimitAS":   {4 << 30, "--as="},
	"LimitDATA": {1 << 30, "--data="},
}

// starves is a limit of memory that the bridge could not start with, whichever
// text it is from: LimitAS=, ulimit -v, softlimit.
func (m *maker) starves(o *unit.UnitOption) bool {
	need, ok := least[o.Name]
	if !ok || o.Section != service {
		return false
	}
	soft, hard, ok := limitBytes(o.Value)
	return ok && min(soft, hard) < need.bytes
}

// limited puts such limits before the child, the last of each.
func (m *maker) limited() (words []string) {
	for _, name := range []string{"LimitAS", "LimitDATA"} {
		for _, o := range slices.Backward(m.Unit) {
			if o.Name != name {
				continue
			}
			if soft, hard, _ := limitBytes(o.Value); m.starves(o) {
				words = append(words, least[name].option+limitText(soft)+":"+limitText(hard))
			}
			break
		}
	}
	if words == nil {
		return nil
	}
	return slices.Concat([]string{"/usr/bin/prlimit"}, words, []string{"--"})
}

func limitText(bytes uint64) string {
	if bytes == math.MaxUint64 {
		return "unlimited"
	}
	return strconv.FormatUint(bytes, 10)
}

// limitBytes reads "500M", "1G:infinity", systemd.exec(5), "Process Properties".
func limitBytes(value string) (soft, hard uint64, ok bool) {
	first, second, both := strings.Cut(value, ":")
	soft, ok = sizeOf(first)
	hard = soft
	if both && ok {
		hard, ok = sizeOf(second)
	}
	return soft, hard, ok
}

func sizeOf(text string) (uint64, bool) {
	text = strings.TrimSpace(text)
	if text == "infinity" {
		return math.MaxUint64, true
	}
	number := strings.TrimRight(text, "BKMGTPE")
	shift := 10 * max(strings.Index("BKMGTPE", text[len(number):]), 0)
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 64)
	return n << shift, err == nil && len(text)-len(number) <= 1 && n <= math.MaxUint64>>shift
}

// needs gives back what the bridge must have, whatever the old unit took away.
func (m *maker) needs(f *file) {
	if !m.bridged() {
		return
	}
	if list := m.lacking(f); len(list) > 0 {
		all := strings.Join(list, " ")
		f.after(service, "RestrictAddressFamilies", said(service, "RestrictAddressFamilies", all, "what the bridge needs: AF_UNIX for systemd and for sdbridge reload, AF_NETLINK to see who waits on a Unix socket"))
		m.note("RestrictAddressFamilies= of the old unit is %s more now, which the bridge needs", all)
	}
	for _, name := range []string{"RootDirectory", "RootImage"} {
		m.jail(name, f.value(service, name))
	}
}

// lacking are the families that RestrictAddressFamilies= keeps from the bridge.
func (m *maker) lacking(f *file) (list []string) {
	var values []string
	for _, s := range *f {
		if s.Section == service && s.Name == "RestrictAddressFamilies" {
			values = append(values, s.Value)
		}
	}
	for _, name := range []string{"AF_UNIX", "AF_NETLINK"} {
		if !unitfile.Reaches(values, name) {
			list = append(list, name)
		}
	}
	return list
}

// jail: the bridge itself is run in there.
func (m *maker) jail(name, root string) {
	if root == "" || root == "/" {
		return
	}
	if _, err := m.host.stat(root + m.o.Binary); err == nil {
		return
	}
	m.note("%s=%s is kept, and the bridge runs in there, too: without %s in it the service does not start; copy it there, one file that needs no library, and see that /proc is there (MountAPIVFS=yes)", name, root, m.o.Binary)
}
