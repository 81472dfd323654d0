package child

import (
	"net"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// self is this process.
var self = &process{
	lookup:  os.LookupEnv, //nolint:forbidigo // a program's own library: its caller has no reason to pass it
	pid:     os.Getpid(),
	inspect: activation.Inspect,
	close:   unix.Close,
}

// process is one that sockets were handed to.
type process struct {
	lookup  func(string) (string, bool)
	pid     int
	inspect func(fd int) (activation.Socket, error)
	close   func(fd int) error

	mu    sync.Mutex
	found bool
	left  []activation.Socket // found and not taken
}

// Listeners takes the listening sockets that were handed to this process, those
// of the names given or, with none, all that are left, in the order in which
// they were handed over. A name is an entry name of SERVER_STARTER_PORT
// ("8080", "/run/app.sock") or a FileDescriptorName=; several sockets may share
// the latter.
//
// Where nothing was handed over, or to another process (LISTEN_PID), there are
// no listeners and no error: the program may bind an address of its own. The
// error is an [*activation.EnvError] when a variable is malformed, and tells of
// a descriptor that is closed and of a name that no listening socket has.
func Listeners(names ...string) ([]net.Listener, error) {
	return take(self, listening, net.FileListener, names) //nolint:forbidigo // this is the child, where O_NONBLOCK is needed
}

// PacketConns takes the datagram sockets, UDP and Unix, by the rules of
// [Listeners].
func PacketConns(names ...string) ([]net.PacketConn, error) {
	return take(self, datagram, net.FilePacketConn, names) //nolint:forbidigo // this is the child, where O_NONBLOCK is needed
}

// Generation is the number of this generation, from 1 (Server::Starter's
// SERVER_STARTER_GENERATION); 0 where no supervisor gave one.
func Generation() int { return self.generation() }

func (p *process) generation() int {
	value, _ := p.lookup(activation.StarterGeneration)
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func listening(s activation.Socket) bool { return s.Listening }

func datagram(s activation.Socket) bool {
	return s.Kind == activation.UDP || s.Kind == activation.UnixDatagram
}
