package pair

import (
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// host is what the pair is compared with on this machine, which may not be the
// one that it is for: what is not there says nothing.
type host struct {
	stat    func(path string) (owned, error)
	account func(name string) (account, error)
}

var system = host{stat: statFile, account: lookUp}

// owned is who may do what with a file.
type owned struct {
	mode     fs.FileMode
	uid, gid int
}

// account is a user with all groups.
type account struct {
	uid  int
	gids []int
}

func statFile(path string) (owned, error) {
	info, err := os.Stat(path)
	if err != nil {
		return owned{}, err
	}
	s := info.Sys().(*syscall.Stat_t)
	return owned{info.Mode(), int(s.Uid), int(s.Gid)}, nil
}

func lookUp(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	a := account{uid: number(u.Uid)}
	groups, err := u.GroupIds()
	if err != nil {
		groups = []string{u.Gid}
	}
	for _, g := range groups {
		a.gids = append(a.gids, number(g))
	}
	return a, nil
}

func number(id string) int {
	n, err := strconv.Atoi(id)
	if err != nil {
		return -1
	}
	return n
}

// closed is what keeps the user from reading a file, "" when nothing is seen to:
// the file itself, or a directory above it. A user that is yet to be made is
// neither owner nor in a group. Access lists are not looked at.
func (h host) closed(path, name string) string {
	if _, err := h.stat(path); err != nil {
		return ""
	}
	who, err := h.account(name)
	if err != nil {
		who = account{uid: -1}
	}
	if who.uid == 0 {
		return ""
	}
	for at, bit := path, fs.FileMode(4); ; at, bit = filepath.Dir(at), 1 {
		if o, err := h.stat(at); err == nil && !who.may(o, bit) {
			return at
		}
		if at == "/" || at == "." {
			return ""
		}
	}
}

// may says whether the permission bit, 4 or 1, is there.
func (a account) may(o owned, bit fs.FileMode) bool {
	switch {
	case o.uid == a.uid:
		bit <<= 6
	case slices.Contains(a.gids, o.gid):
		bit <<= 3
	}
	return o.mode&bit != 0
}

// systemd's PATH for a service that has none of its own.
const servicePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

// found says whether a program without a slash is in one of the directories.
func (h host) found(program, path string) bool {
	return slices.ContainsFunc(strings.Split(path, ":"), func(dir string) bool {
		o, err := h.stat(filepath.Join(dir, program))
		return err == nil && o.mode.IsRegular()
	})
}
