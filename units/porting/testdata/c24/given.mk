port = 8080
path = /tmp/app.sock
pid = $(PWD)/$(project).pid

run:
	@$(GOPATH)/bin/start_server --port=$(port) --pid-file=$(pid) -- ./$(project)

restart:
	@cat $(pid) | xargs kill -HUP

unix-run:
	@carton exec start_server --path=$(path) --pid-file=$(pid) -- ./appd
