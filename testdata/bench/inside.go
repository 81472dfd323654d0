package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// insideArgument makes the program measure the services of the systemd that
// runs it: machine_test.go boots one and installs them.
const insideArgument = "inside"

// service is one way to run the child under systemd, and its deploy.
type service struct {
	Name, Title string
	Addr        string
	Deploy      string // of systemctl
}

var services = []service{
	{"direct", "systemd and the child, systemctl restart", "127.0.0.1:8001", "restart"},
	{"bridge", "systemd, the bridge and the child, systemctl reload", "127.0.0.1:8002", "reload"},
}

// seen is what a service showed, in ms.
type seen struct {
	Cold     []float64 // first connection to first answer
	Deploy   []float64 // systemctl's own time
	Answered int
	Lost     map[ending]int
	Longest  float64
	P99      float64
}

// inside writes what it saw of all services as JSON.
func inside(args []string) {
	rounds, _ := strconv.Atoi(args[0])
	deploys, _ := strconv.Atoi(args[1])
	rate, _ := strconv.ParseFloat(args[2], 64)
	all := map[string]*seen{}
	for _, s := range services {
		all[s.Name] = &seen{}
	}
	for round := range rounds {
		for i := range services {
			s := services[(i+round)%len(services)]
			took, err := s.cold()
			if err != nil {
				log.Fatal(err)
			}
			all[s.Name].Cold = append(all[s.Name].Cold, milliseconds(took))
		}
	}
	for _, s := range services {
		if err := s.deploys(all[s.Name], deploys, rate); err != nil {
			log.Fatal(err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		log.Fatal(err)
	}
}

func (s service) cold() (time.Duration, error) {
	if err := systemctl("stop", s.Name+".service"); err != nil {
		return 0, err
	}
	began := now()
	if _, ok := whoAnswers(s.Addr); !ok {
		return 0, fmt.Errorf("%s: the first connection is not answered", s.Name)
	}
	return now() - began, nil
}

func (s service) deploys(out *seen, n int, rate float64) error {
	r := load{addr: s.Addr, kept: 12, fresh: 4, rate: rate, warm: time.Second}.start()
	time.Sleep(2 * time.Second)
	var err error
	for range n {
		began := time.Now()
		if err = systemctl(s.Deploy, s.Name+".service"); err != nil {
			break
		}
		out.Deploy = append(out.Deploy, milliseconds(time.Since(began)))
		time.Sleep(max(0, pace-time.Since(began)))
	}
	o := r.stop()
	out.Answered, out.Lost, out.Longest, out.P99 = o.answered, o.lost, milliseconds(o.longest), o.quantile(99)
	return err
}

func systemctl(args ...string) error { return run(exec.Command("systemctl", args...)) }
