package pair

import (
	"strings"

	"github.com/sdbridge/sdbridge/units/servers"
)

// signalOf is what to tell a server, given what start_server's option says, "" for
// nothing; why is a warning.
func signalOf(c servers.Server, flag, given string) (name, why string) {
	switch {
	case given == "":
		return c.Stop, ""
	case c.CutBy(given):
		return given, "--" + flag + "=" + given + " " + c.Cutting + " with " + c.Name + ": --" + flag + "=" + c.Graceful() + " lets it finish its requests"
	}
	return given, ""
}

// dropsTo takes --user and --group out of the words of a server that goes down
// from root by itself.
func dropsTo(c servers.Server, words []string) (rest []string, user, group string) {
	if !c.Users {
		return words, "", ""
	}
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		var to *string
		switch name {
		case "--user":
			to = &user
		case "--group":
			to = &group
		default:
			rest = append(rest, words[i])
			continue
		}
		if !joined && i+1 < len(words) {
			i++
			value = words[i]
		}
		*to = value
	}
	return rest, user, group
}
