package porting

func env(w *wrapping) bool {
	w.next()
	for _, o := range w.options("uC", "unset chdir") {
		switch o.name {
		case "i", "ignore-environment":
			w.note("env -i is dropped: systemd starts a service with a clean environment")
		case "u", "unset":
			w.sc.option("UnsetEnvironment", o.value.text())
		case "C", "chdir":
			w.sc.chdir(o.value)
		}
	}
	w.assignments()
	return true
}

// assignments take NAME=VALUE words before the command.
func (w *wrapping) assignments() {
	for len(w.rest) > 0 {
		name, value, ok := cutAssignment(w.rest[0])
		if !ok {
			break
		}
		w.next()
		w.sc.put(name, value)
	}
}

func envFile(w *wrapping) bool {
	w.next()
	if len(w.rest) == 0 {
		return true
	}
	file := w.next()
	if v, ok := file.value(); ok {
		w.sc.files = append(w.sc.files, w.sc.resolve(v))
		w.note("envfile " + v + ": lines of NAME=VALUE are read; export and what a shell computes are not")
		return true
	}
	w.sc.want(file, "EnvironmentFile=")
	return true
}

// envDir before start_server becomes --envdir, which is read at each swap.
// Behind "--" it stays: there it is read at each swap already.
func envDir(w *wrapping) bool {
	if w.behind || w.sc.envDir != nil {
		return w.keepWords(2)
	}
	w.next()
	w.options("", "")
	if len(w.rest) > 0 {
		dir := w.next()
		w.sc.envDir = &dir
		w.note("envdir " + dir.source() + " before start_server was read once; as --envdir it is read again at each reload")
	}
	return true
}
