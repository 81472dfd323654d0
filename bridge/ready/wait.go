package ready

import "golang.org/x/sys/unix"

// wait finds out which targets the process waits on, the cheap ways first. It
// says whether an io_uring of the process leaves that open.
func (l *look) wait(p *process) (silent bool) {
	if len(p.unseen) > 0 {
		l.waitInEpoll(p)
	}
	if len(p.unseen) > 0 {
		silent = l.waitInRing(p)
	}
	if len(p.unseen) > 0 {
		l.waitInCalls(p)
	}
	return silent && len(p.unseen) > 0
}

// waitInEpoll needs no care for nested sets: the inner one is a descriptor of
// the process too. That a thread waits on the set is not asked for.
func (l *look) waitInEpoll(p *process) {
	for _, fd := range p.epolls {
		for f := range readableInEpoll(l.readEntry(p, "fdinfo", "fdinfo/"+fd)) {
			// The number alone might be that of a pipe.
			if t, ok := l.targets[f.inode]; ok && t.device == f.device {
				p.see(f.inode)
			}
		}
	}
}

// waitInRing counts a pending accept for every target of the process, as the
// list does not name descriptors.
func (l *look) waitInRing(p *process) (silent bool) {
	for _, fd := range p.rings {
		switch pendingInRing(l.readEntry(p, "fdinfo", "fdinfo/"+fd)) {
		case ringAccepts:
			for _, inode := range p.held {
				p.see(inode)
			}
		case ringSilent:
			silent = true
		case ringOther:
		}
	}
	return silent
}

// waitInCalls looks at what each thread is blocked in.
func (l *look) waitInCalls(p *process) {
	for _, thread := range l.threads(p) {
		c, ok := parseCall(l.readEntry(p, "syscall", "task/"+thread+"/syscall"))
		if !ok {
			continue
		}
		for _, fd := range l.readable(p, c) {
			if inode, ok := p.held[fd]; ok {
				p.see(inode)
			}
		}
		if len(p.unseen) == 0 {
			return
		}
	}
}

// readable lists descriptors that the call waits to become readable.
func (l *look) readable(p *process, c call) []int {
	switch waits[c.number] {
	case waitAccept:
		return []int{int(int32(c.args[0]))}
	case waitPoll:
		return readableInPoll(l.readMemory(p, c.args[0], min(c.args[1], maxDescriptors)*pollfdSize))
	case waitSelect:
		return bitsInSet(l.readMemory(p, c.args[1], (min(c.args[0], maxDescriptors)+7)/8))
	case waitNone:
	}
	return nil
}

// maxDescriptors bounds what is read of a poll array or a descriptor set.
const maxDescriptors = 1 << 16

func (l *look) threads(p *process) []string {
	dir, err := l.sys.openat(p.dir, "task", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		l.refused(p, "task", err)
		return nil
	}
	defer l.sys.close(dir)
	names, err := l.names(dir)
	l.refused(p, "task", err)
	return names
}

// readMemory returns nothing where the process has no such memory (any more).
func (l *look) readMemory(p *process, address, size uint64) []byte {
	fd, err := l.sys.openat(p.dir, "mem", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		l.refused(p, "mem", err)
		return nil
	}
	defer l.sys.close(fd)
	memory := make([]byte, size)
	n, err := l.sys.pread(fd, memory, int64(address))
	if err != nil {
		return nil
	}
	return memory[:n]
}

// readEntry returns nothing where the entry has vanished or cannot be read.
func (l *look) readEntry(p *process, what, path string) []byte {
	content, err := l.readFile(p.dir, path)
	if err != nil {
		l.refused(p, what, err)
		return nil
	}
	return content
}

func (l *look) refused(p *process, what string, err error) {
	if err != nil && !vanished(err) {
		l.failed(p.pid, what, err)
	}
}
