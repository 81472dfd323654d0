package launch

// Spec is what stays the same for the life of the bridge. Relative paths begin
// at the bridge's own directory, but the command's at Dir.
type Spec struct {
	// Command is the child's argv.
	Command []string

	// Dir is --dir. Empty means the bridge's own directory, which the child then
	// inherits even where it has no path any more.
	Dir string

	// EnvDir is --envdir, empty for none. Each file of it is a variable: its name,
	// and its first line without the newline. A file without any line sets nothing;
	// names that begin with a dot are not looked at (Server::Starter 0.35).
	EnvDir string

	// EnvFiles are the values of --env-file, in the format of EnvironmentFile=
	// (systemd.exec(5)). The later wins; a leading "-" lets a file be missing.
	EnvFiles []string

	// Base is the bridge's own environment, the last of equal names winning. What was meant for the bridge, or put
	// there by an outer one, is scrubbed here (activation.Scrubbed).
	Base []string

	// Export says by which conventions the sockets are announced.
	Export Export

	// Sockets are the descriptors that the child gets beside 0, 1 and 2.
	Sockets []Descriptor

	// StarterRules makes Prepare do as Server::Starter 0.35 where it differs:
	// what cannot be read of EnvDir is passed over, SERVER_STARTER_PORT is set but
	// empty where there is no socket, and symbolic links in the command's path stay
	// as they are, since a replacement looks anew there.
	StarterRules bool
}

// Descriptor is one descriptor of the child.
type Descriptor struct {
	From   int    // the bridge's number
	To     int    // the child's number
	Entry  string // entry name in SERVER_STARTER_PORT; empty: not announced there
	FDName string // name in LISTEN_FDNAMES; empty: "unknown", as sd_listen_fds_with_names(3)
}

// Prepare looks anew: it reads EnvFiles and EnvDir, and looks for the directory
// and the command. It blocks for as long as the file systems do, and leaves
// nothing behind.
//
// A [*FileError] says that a file of the environment is bad, a [*DirError] or a
// [*CommandError] that what is needed is not there, an activation.EnvError that
// a socket cannot be announced.
func (s Spec) Prepare() (Launch, error) {
	env, err := s.environ()
	if err != nil {
		return Launch{}, err
	}
	listenFDs, err := s.announce(env)
	if err != nil {
		return Launch{}, err
	}
	dir, err := s.directory()
	if err != nil {
		return Launch{}, err
	}
	path, err := s.command(dir, env)
	if err != nil {
		return Launch{}, err
	}
	return Launch{
		Path:      path,
		Args:      s.Command,
		Dir:       dir,
		Env:       env.list(),
		Sockets:   s.Sockets,
		ListenFDS: listenFDs,
	}, nil
}
