package load

import (
	"context"
	"fmt"
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
	Clients   int           // 1 by default
	KeepAlive KeepAlive     // Off by default
	Timeout   time.Duration // for each request, 10 s by default
	Pause     time.Duration // of a client between two requests, 1 ms by default

	Request *Request      // what to send; nil: GET /
	Line    string        // not HTTP: this line is sent, one line is the answer
	Slow    int           // clients, beside the others, that take their time over the body
	Over    time.Duration // the time of those for one body, 1 s by default

	AnyAnswer        bool   // any below 500 counts as answered, else a 200 that is a line
	GenerationHeader string // header of an answer that names its generation
}

// Running is a load that goes on until Stop.
type Running struct {
	cancel  context.CancelFunc
	clients sync.WaitGroup

	mu          sync.Mutex
	generation  string // of connections that are made now
	result      Result
	laps        []*lap
	generations map[string]*Result
}

// Run lets the clients work until ctx is done.
func Run(ctx context.Context, config Config) Result {
	running := start(ctx, config)
	<-ctx.Done()
	return running.Stop()
}

// Start lets the clients work and returns at once.
func Start(config Config) *Running { return start(context.Background(), config) }

// Try makes one request and says how it was lost, if it was.
func Try(config Config) error {
	config = withDefaults(config)
	c := newClient(config, false)
	defer c.drop()
	if o := c.request(); o.end != answered {
		return fmt.Errorf("%v: %w", o.end, o.err)
	}
	return nil
}

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

// SetGeneration names the generation of the connections that are made from now
// on. It is that of their answers where these do not tell, and of what is lost.
func (r *Running) SetGeneration(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.generation = name
}

// Generations returns the counts by generation.
func (r *Running) Generations() map[string]Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string]Result{}
	for name, result := range r.generations {
		all[name] = result.clone()
	}
	return all
}

func start(ctx context.Context, config Config) *Running {
	config = withDefaults(config)
	ctx, cancel := context.WithCancel(ctx)
	r := &Running{cancel: cancel, result: newResult(), laps: []*lap{newLap()}, generations: map[string]*Result{}}
	for i := range config.Clients + config.Slow {
		keep := config.KeepAlive == On || config.KeepAlive == Both && i%2 == 0
		c := newClient(config, keep)
		c.made = r.current
		if i >= config.Clients {
			c.over = config.Over
		}
		r.clients.Go(func() { r.work(ctx, c) })
	}
	return r
}

func (r *Running) current() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.generation
}

func withDefaults(config Config) Config {
	if config.Request == nil {
		config.Request = NewRequest("/", "localhost", 0)
	}
	config.Clients = max(config.Clients, 1)
	if config.Timeout == 0 {
		config.Timeout = 10 * time.Second
	}
	if config.Pause == 0 {
		config.Pause = time.Millisecond
	}
	if config.Over == 0 {
		config.Over = time.Second
	}
	return config
}

func (r *Running) work(ctx context.Context, c *client) {
	defer c.drop()
	for ctx.Err() == nil {
		o := c.request()
		r.count(o)
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

func (r *Running) count(o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.count(o)
	r.laps[len(r.laps)-1].count(o)
	of, known := r.generations[o.generation]
	if !known {
		fresh := newResult()
		of = &fresh
		r.generations[o.generation] = of
	}
	of.count(o)
}

func network(addr string) string {
	if strings.HasPrefix(addr, "/") || strings.HasPrefix(addr, "@") {
		return "unix"
	}
	return "tcp"
}
