package main

import (
	"log"
	"net"
	"os"
	"strconv"
	"time"
)

// send is sd_notify(3): one datagram; nothing without a message or a socket.
func (k *kid) send(message string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if message == "" || path == "" {
		return
	}
	conn, err := net.Dial("unixgram", path)
	if err != nil {
		log.Print(err)
		return
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(message)); err != nil {
		log.Print(err)
	}
}

// ping is alive for -pings pings and then silent, as a program that hangs.
func (k *kid) ping() {
	interval, _ := strconv.Atoi(os.Getenv("WATCHDOG_USEC"))
	for range *k.pings {
		k.send("WATCHDOG=1")
		time.Sleep(time.Duration(interval) * time.Microsecond / 2)
	}
}
