package machine

import "time"

// Action is something to be done. Which fields count depends on Do.
type Action struct {
	Do         Do
	Generation int           // all but DisarmRetry, ArmAuto, DisarmAuto and Quit
	Phase      Phase         // Arm, Prolong
	Repeat     bool          // Spawn: with what the last current one was started with
	Signal     Signal        // Tell
	Reason     Reason        // Verdict, ArmRetry
	UpTo       int           // Verdict: the last request that it answers
	Failures   int           // ArmRetry: how often in a row
	After      time.Duration // Prolong
	Exit       int           // Quit
}

// Do says what is to be done.
type Do uint8

// What the bridge is told to do.
const (
	Nothing     Do = iota
	Spawn          // start the child as that generation
	Arm            // set the generation's timer to that of Phase, replacing it
	ArmKill        // set it to one second, replacing it: look again after a Kill
	Prolong        // let it run out no sooner than After from now
	Tell           // give Signal to the leader, or, when that is gone, to what still waits on a socket
	Kill           // kill every process of the generation
	Remove         // forget the generation: it is empty
	Verdict        // the swap is decided: committed (no Reason), or failed
	ArmRetry       // set the back-off, replacing it
	DisarmRetry    // stop the back-off
	ArmAuto        // set both auto-restart timers anew, if it is enabled
	DisarmAuto     // stop them
	Quit           // end the bridge with Exit
)

// Reason says why a swap failed, or why a retry is due.
type Reason uint8

// Reasons of a failed swap. The zero value is none: committed.
const (
	NoReason   Reason = iota
	NotReady          // the start timeout ran out
	Died              // its leader ended, or could not be spawned
	IsUnwell          // it is unwell
	IsStopping        // the bridge stops
)
