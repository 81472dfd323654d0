package porting

import (
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// limits are the letters of ulimit, systemd.exec(5), "Limit directives, their
// equivalent ulimit shell commands and the unit used".
var limits = map[string]string{
	"-n": "LimitNOFILE", "-u": "LimitNPROC", "-c": "LimitCORE", "-l": "LimitMEMLOCK",
	"-s": "LimitSTACK", "-v": "LimitAS", "-f": "LimitFSIZE", "-t": "LimitCPU",
	"-d": "LimitDATA", "-m": "LimitRSS", "-q": "LimitMSGQUEUE", "-e": "LimitNICE", "-r": "LimitRTPRIO",
	"-i": "LimitSIGPENDING", "-R": "LimitRTTIME",
}

// inKiB are those that ulimit counts in KiB, and systemd in bytes.
const inKiB = "LimitMEMLOCK LimitSTACK LimitAS LimitDATA LimitRSS LimitFSIZE LimitCORE"

// ulimit is the builtin: -S sets the soft limit, -H the hard one, neither both.
func (s *shell) ulimit(sc *scope, args []word) {
	which, name := "", "LimitFSIZE" // what it sets without a letter
	for _, w := range args {
		flag, isFlag := strings.CutPrefix(w.text(), "-")
		if isFlag {
			which += flag
			if letter := strings.Trim(flag, "SH"); letter != "" {
				name = limits["-"+letter]
			}
			continue
		}
		if name != "" {
			sc.limit(name, w.changed(func(text string) string { return inBytes(name, text) }), which)
		}
		which, name = "", ""
	}
}

func inBytes(name, value string) string {
	if _, err := strconv.ParseUint(value, 10, 64); err == nil && strings.Contains(inKiB, name) && value != "0" {
		return value + "K"
	}
	return value
}

// changed is the word with its text written otherwise, where that is known.
func (w word) changed(change func(string) string) word {
	text, known := w.value()
	if !known || len(w.pieces) == 0 {
		return w
	}
	w.pieces = []piece{{text: change(text), doubt: w.pieces[0].doubt}}
	return w
}

// limit sets a limit of the unit, or asks for it; which has S for the soft one
// alone, H for the hard one.
func (sc *scope) limit(name string, value word, which string) {
	text, known := value.value()
	if v, ok := sc.set["ulimit "+text]; ok {
		text = v
	}
	sc.tell(value)
	switch {
	case !known:
		sc.want(value, name+"=")
		return
	case text == "" || text == "=": // softlimit: the hard limit
		return
	case text == "hard" || text == "soft":
		sc.want(word{pieces: unknown("ulimit "+text, "")}, name+"=")
		return
	}
	text = strings.ReplaceAll(text, "unlimited", "infinity")
	soft, hard := strings.Contains(which, "S"), strings.Contains(which, "H")
	at := slices.IndexFunc(sc.unit, func(o *unit.UnitOption) bool { return o.Section == "Service" && o.Name == name })
	if at < 0 {
		sc.option(name, text)
		return
	}
	was, top, pair := strings.Cut(sc.unit[at].Value, ":")
	if !pair {
		top = was
	}
	switch {
	case soft && !hard:
		text += ":" + top
	case hard && !soft:
		text = was + ":" + text
	}
	sc.unit = slices.Clone(sc.unit)
	sc.unit[at] = unit.NewUnitOption("Service", name, text)
}
