package child_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"

	"github.com/sdbridge/sdbridge/activation/child"
)

// A whole server: the sockets, the word that it is up, and an end that loses
// nothing. Outside a supervisor it binds an address of its own.
func Example() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ready, err := child.Announce()
	if err != nil {
		log.Fatal(err)
	}
	listeners, err := child.Listeners()
	if err != nil {
		log.Fatal(err)
	}
	if len(listeners) == 0 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			log.Fatal(err)
		}
		listeners = append(listeners, l)
	}
	if err := ready(); err != nil {
		log.Fatal(err)
	}
	stop() // here, so that the example ends
	fmt.Println(child.Serve(ctx, &http.Server{}, listeners...))
	// Output: <nil>
}

// Sockets by name: FileDescriptorName=web of a .socket unit, or the entry name
// "8080" of start_server --port 8080.
func ExampleListeners() {
	web, err := child.Listeners("web", "8080")
	fmt.Println(web, err) // none: this test has no supervisor
	// Output: [] <nil>
}

func ExamplePacketConns() {
	dns, err := child.PacketConns("dns")
	fmt.Println(dns, err) // none: this test has no supervisor
	// Output: [] <nil>
}

func ExampleGeneration() {
	fmt.Println(child.Generation()) // none: this test has no supervisor
	// Output: 0
}

func ExampleAnnounce() {
	ready, err := child.Announce()
	if err != nil {
		log.Fatal(err)
	}
	// Fill the caches, then:
	fmt.Println(ready())
	// Output: <nil>
}
