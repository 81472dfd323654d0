package unitfile

import "strings"

// Shown is the command line in what `systemctl show --property=ExecStart` says of
// one command, "{ path=/bin/a ; argv[]=/bin/a b ; ignore_errors=no ; … }". systemd
// joins its words by blanks there. It is not ok where it says something else.
func Shown(execStart string) (command string, ok bool) {
	_, command, begun := strings.Cut(execStart, "argv[]=")
	command, _, ended := strings.Cut(command, " ; ignore_errors=")
	return command, begun && ended
}
