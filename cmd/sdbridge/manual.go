package main

// What a manual has beside flags, for --help and the man pages at once. A paragraph
// is a section of its own; a line with two spaces before it begins an entry of a
// list, whose text follows two spaces later or, further in, on the next line.

const bridgeSignals = `Signals:
  HUP   swap the child; while a swap runs, one more follows it
  TERM  stop: the child is told --signal-on-term and has --drain-timeout to end
  QUIT  as TERM
  INT   stop with TERM; a second one, a second later or more, kills at once`

const handedEnvironment = `Environment:
  LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES
      sockets from systemd, sd_listen_fds(3)
  SERVER_STARTER_PORT
      sockets from an outer start_server, where there is no LISTEN_FDS`

const bridgeEnvironment = handedEnvironment + `
  NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID
      where and how often systemd hears how the bridge is, sd_notify(3)
  RUNTIME_DIRECTORY
      of the unit: where the control socket is made
  SDBRIDGE_CONTROL
      path of the control socket, before RUNTIME_DIRECTORY`

const childEnvironment = `Environment of the child:
  SERVER_STARTER_PORT
      its sockets, host:port=fd or path=fd, with a semicolon between
  SERVER_STARTER_GENERATION
      1, 2, 3 and so on
  LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES
      the same sockets, as systemd says it
  NOTIFY_SOCKET
      where it may send READY=1 and the like, sd_notify(3)
  WATCHDOG_USEC, WATCHDOG_PID
      with --watchdog: how often it owes a WATCHDOG=1`

const bridgeFiles = `Files:
  /run/sdbridge/NAME/control
      control socket of a unit with RuntimeDirectory=sdbridge/NAME
  /run/sdbridge/NAME/notify/
      the NOTIFY_SOCKETs of its generations`

const clientEnvironment = `Environment:
  SDBRIDGE_CONTROL   path of the control socket, without a name and --control
  RUNTIME_DIRECTORY  of the unit: where that is, without SDBRIDGE_CONTROL
  XDG_RUNTIME_DIR    in its sdbridge/NAME/ are the user's bridges`

const clientFiles = `Files:
  /run/sdbridge/NAME/control  where the bridge of that name is asked`

const bridgeExit = `Exit status:
  0   it was asked to stop, or the child ended under --idle-exit
  1   the first generation failed
` + refusalExit

// refusalExit are the statuses of exit.go; nothing was started then.
const refusalExit = `  64  the command line is wrong
  69  something that is needed is not there: a command, an address, a file
  78  the environment, or a descriptor in it, is wrong`

const runManual = "\n\n" + bridgeSignals + "\n\n" + bridgeEnvironment + "\n\n" + childEnvironment +
	"\n\n" + bridgeFiles + "\n\n" + bridgeExit

const execManual = "\n\n" + handedEnvironment + `

Exit status: that of the command, or before it
` + refusalExit

const reloadManual = "\n\n" + clientEnvironment + "\n\n" + clientFiles + `

Exit status:
  0   the new one is current, and serves
  1   it failed and the old one was not touched; or --timeout is over
  64  the command line is wrong
  69  no bridge answers
  75  the bridge stops
  77  not allowed: only root and the bridge's own user may
  128 and a signal's number  it was interrupted: the swap goes on`

const statusManual = "\n\n" + clientEnvironment + "\n\n" + clientFiles + `

Exit status: of several bridges the highest
  0   it serves
  1   the last swap failed, or clients cannot reach a socket
  2   nothing serves
  3   no answer
  64  the command line is wrong
  77  not allowed`

const starterManual = `

Signals:
  HUP   swap the child
  TERM  stop: the children are told --signal-on-term, and waited for
  QUIT  as TERM
  INT   stop with TERM; a second one, a second later or more, kills at once

Environment:
  ENABLE_AUTO_RESTART, AUTO_RESTART_INTERVAL, KILL_OLD_DELAY, ENVDIR
      as the options of these names; a file in the envdir beats the option
  SERVER_STARTER_PORT
      sockets of an outer start_server, if no --port or --path is given

Exit status:
  0   it was asked to stop
  1   --restart or --stop did not succeed
` + refusalExit
