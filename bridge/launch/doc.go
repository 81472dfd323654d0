// Package launch makes what a generation is started with, as a value:
// descriptors, environment, directory and command.
//
// The invariant: a [Launch] holds nothing that is looked up later. It names a
// real directory, an absolute path and a complete environment, so that starting
// it a second time starts the same release again, whatever `current` points to
// by then. A [Spec] holds only what stays the same for the life of the bridge;
// each [Spec.Prepare] looks anew, and changes nothing in the bridge: neither its
// environment nor its directory.
//
// The environment is built from nothing each time, the later winning:
//
//	the bridge's own, scrubbed   <  --env-file, in order  <  --envdir  <  the announcements
//
// so what was removed from a file is gone from the next generation, too. PWD
// is left alone, as Server::Starter does: --dir changes the directory, not what the
// environment says of it.
//
//	spec := launch.Spec{
//		Command:  []string{"bin/app", "--workers", "4"},
//		Dir:      "/srv/app/current",
//		EnvFiles: []string{"-/etc/app.env"},
//		Base:     environ,
//		Export:   launch.Both,
//		Sockets:  []launch.Descriptor{{From: 7, To: 3, Entry: "0.0.0.0:8080", FDName: "web"}},
//	}
//	current, err := spec.Prepare() // reads files: in a goroutine of its own
//	first := current.For(1)        // SERVER_STARTER_GENERATION=1
//	…
//	if current.Usable() == nil {   // its leader died: the same again
//		second := current.For(2)
//	}
package launch
