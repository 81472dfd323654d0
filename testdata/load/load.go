package load

import (
	"context"
	"strings"
	"sync"
	"time"
)

// KeepAlive says how clients use their connections.
type KeepAlive int

const (
	// Off: a connection for each request.
	Off KeepAlive = iota
	// On: a connection for as many requests as the server allows.
	On
	// Both: every second client keeps its connection.
	Both
)

// Config is what the clients do.
type Config struct {
	Addr      string        // "127.0.0.1:8080", "/path" or "@abstract"
	Target    string        // path and query, "/" by default
	Clients   int           // 1 by default
	KeepAlive KeepAlive     //
	Post      int           // bytes to POST with each request; 0: GET
	Timeout   time.Duration // for each request, 10 s by default
	Pause     time.Duration // of a client between two requests, 1 ms by default
}

// Running is a load that goes on until Stop.
type Running struct {
	cancel  context.CancelFunc
	clients sync.WaitGroup
	mu      sync.Mutex
	result  Result
}

// Run lets the clients work until ctx is done.
func Run(ctx context.Context, config Config) Result {
	running := start(ctx, config)
	<-ctx.Done()
	return running.Stop()
}

// Start lets the clients work and returns at once.
func Start(config Config) *Running { return start(context.Background(), config) }

// Stop lets each client finish its request and returns the counts.
func (r *Running) Stop() Result {
	r.cancel()
	r.clients.Wait()
	return r.Result()
}

// Result returns the counts so far.
func (r *Running) Result() Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.result.clone()
}

func start(ctx context.Context, config Config) *Running {
	config = withDefaults(config)
	ctx, cancel := context.WithCancel(ctx)
	r := &Running{cancel: cancel, result: Result{Answered: map[string]int{}}}
	for i := range config.Clients {
		keep := config.KeepAlive == On || config.KeepAlive == Both && i%2 == 0
		c := newClient(config, keep)
		r.clients.Go(func() { r.work(ctx, c) })
	}
	return r
}

func withDefaults(config Config) Config {
	if config.Target == "" {
		config.Target = "/"
	}
	config.Clients = max(config.Clients, 1)
	if config.Timeout == 0 {
		config.Timeout = 10 * time.Second
	}
	if config.Pause == 0 {
		config.Pause = time.Millisecond
	}
	return config
}

func (r *Running) work(ctx context.Context, c *client) {
	defer c.drop()
	for ctx.Err() == nil {
		o := c.request()
		r.mu.Lock()
		r.result.count(o)
		r.mu.Unlock()
		pause := c.config.Pause
		if o.end == refused {
			pause = max(pause, 10*time.Millisecond) // or a closed port alone makes the numbers
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func network(addr string) string {
	if strings.HasPrefix(addr, "/") || strings.HasPrefix(addr, "@") {
		return "unix"
	}
	return "tcp"
}
