package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine is where the figures come from.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory string `json:"memory"`
	Kernel string `json:"kernel"`
	System string `json:"system"`
}

func describeMachine() machine {
	return machine{
		CPU:    field("/proc/cpuinfo", "model name", ":"),
		Cores:  runtime.NumCPU(),
		Memory: fmt.Sprintf("%.0f GB", float64(numbers("/proc/meminfo")["MemTotal"])*1024/1e9),
		Kernel: firstLine("/proc/sys/kernel/osrelease"),
		System: strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`),
	}
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s; %s, Linux %s", m.CPU, m.Cores, m.Memory, m.System, m.Kernel)
}

// loadAverage is that of the last minute: other work spoils the figures.
func loadAverage() string {
	before, _, _ := strings.Cut(firstLine("/proc/loadavg"), " ")
	return before
}

func field(path, key, separator string) string {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, separator); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func firstLine(path string) string {
	text, _ := os.ReadFile(path)
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
