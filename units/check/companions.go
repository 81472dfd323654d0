package check

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// serviceOf is the service that a socket starts, systemd.socket(5).
func serviceOf(socket *file) string {
	if name := socket.value("Socket.Service"); name != "" {
		return name
	}
	if accepts(socket) && !strings.Contains(socket.name, "@") {
		return socket.stem() + "@.service"
	}
	return socket.stem() + ".service"
}

// serviceOf is the service that a socket starts. Where Accept= asks for a template
// that is not there, it is the service that was meant.
func (l *loader) serviceOf(socket *file) string {
	name := serviceOf(socket)
	template := socket.stem() + "@.service"
	if name != template {
		return name
	}
	_, err := l.load(template)
	single := socket.stem() + ".service"
	if _, is := errors.AsType[*NotFoundError](err); !is {
		return name
	}
	if _, err := l.load(single); err != nil {
		return name
	}
	return single
}

// gather finds the sockets of the service: of its name, those that it names, and
// those that name it.
func (p *pair) gather() error {
	named := map[string]string{}
	order := []string{}
	add := func(name, where string) {
		if _, has := named[name]; !has && filepath.Ext(name) == ".socket" {
			named[name] = where
			order = append(order, name)
		}
	}
	for _, s := range p.service.units("Requires", "BindsTo", "Requisite", "Wants") {
		add(s.Value, s.where)
	}
	for _, s := range p.service.all("Service.Sockets") {
		for name := range strings.FieldsSeq(s.Value) {
			add(name, s.where)
		}
	}
	for _, kind := range []string{"requires", "wants"} {
		for _, name := range p.loader.links(p.service, kind) {
			add(name, "")
		}
	}
	for _, name := range p.service.names {
		add(strings.TrimSuffix(name, ".service")+".socket", "")
		add(strings.TrimSuffix(name, "@.service")+".socket", "")
	}
	for _, name := range p.loader.sockets() {
		add(name, "")
	}
	for _, name := range order {
		if err := p.socket(name, named[name]); err != nil {
			return err
		}
	}
	return nil
}

// socket takes a socket unit where it is one of the service's.
func (p *pair) socket(name, where string) error {
	f, err := p.loader.load(name)
	switch {
	case err != nil && where == "":
		return nil // nobody asked for it
	case err != nil && p.note(p.service, where, name, err):
		return nil
	case err != nil:
		return err
	}
	if !slices.Contains(p.sockets, f) && p.takes(f) {
		p.sockets = append(p.sockets, f)
	}
	return nil
}

// takes tells whether the socket's descriptors are handed to the service.
func (p *pair) takes(socket *file) bool {
	if p.service.answersTo(p.loader.serviceOf(socket)) {
		return true
	}
	for _, s := range p.service.all("Service.Sockets") {
		for name := range strings.FieldsSeq(s.Value) {
			if socket.answersTo(name) {
				return true
			}
		}
	}
	return false
}

// note remembers a companion that is not there; other errors it leaves.
func (p *pair) note(by *file, where, name string, err error) bool {
	missing, is := errors.AsType[*NotFoundError](err)
	if is {
		p.absent = append(p.absent, absent{by, where, name, missing.Masked != ""})
	}
	return is
}
