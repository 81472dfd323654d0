package main

import (
	"errors"
	"net"

	"github.com/sdbridge/sdbridge/testdata/children/handed"
	"github.com/sdbridge/sdbridge/testdata/children/web"
)

// serve answers on its own port or on every socket handed over that it can use.
func (k *kid) serve() error {
	k.server = web.New(*k.work)
	if *k.ownPort != "" {
		ln, err := net.Listen("tcp", *k.ownPort)
		if err != nil {
			return err
		}
		k.server.Serve(ln)
		return nil
	}
	served := 0
	for _, socket := range k.sockets {
		switch {
		case socket.Listening():
			ln, err := k.listen(socket)
			if err != nil {
				return err
			}
			k.server.Serve(ln)
		case socket.Datagram():
			conn, err := socket.ListenPacket()
			if err != nil {
				return err
			}
			go answerPackets(conn)
		default:
			continue
		}
		served++
	}
	if served == 0 {
		return errors.New("nothing to serve on: no socket was handed over")
	}
	return nil
}

func (k *kid) listen(socket handed.Socket) (net.Listener, error) {
	if *k.mode == "block" {
		return newBlockingListener(socket.FD)
	}
	return socket.Listen()
}

func answerPackets(conn net.PacketConn) {
	buffer := make([]byte, 64<<10)
	for {
		_, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		_, _ = conn.WriteTo([]byte(web.Line()), from)
	}
}
