package main

import (
	"testing"
)

// What the bridge holds does not grow with its swaps.
func TestManySwaps(t *testing.T) {
	t.Parallel()
	many := 200
	if testing.Short() {
		many = 30
	}
	p := startBridge(t, "--interval=0", "--kill-old-delay=0", "--port", freeAddr(t), "--", "sleep", "600")
	p.up(1)
	for generation := 2; generation <= 10; generation++ {
		p.swap(generation)
	}
	await(t, "one child", func() bool { return len(p.named("sleep 600")) == 1+1 }) // the bridge's own line has it too
	before, threads := descriptors(t, p.pid()), countThreads(t, p.pid())
	for generation := 11; generation <= many; generation++ {
		p.swap(generation)
	}
	await(t, "as few descriptors as after 10 swaps", func() bool { return descriptors(t, p.pid()) <= before })
	// The runtime makes a thread more when one is slow in a system call: some on a
	// busy machine, but not one for each swap.
	if now := countThreads(t, p.pid()); now > threads+many/10 {
		t.Errorf("%d threads after %d swaps, %d after 10", now, many, threads)
	}
}
