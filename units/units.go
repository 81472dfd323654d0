package units

import _ "embed"

// Socket is app.socket, systemd.socket(5).
//
//go:embed app.socket
var Socket string

// Service is app.service, systemd.service(5): it runs /usr/bin/app as user app.
//
//go:embed app.service
var Service string
