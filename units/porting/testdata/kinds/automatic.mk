export PLACK_ENV = production
export APP HASH
HASH := $(shell git rev-parse HEAD)
APP = app.psgi
run: $(APP) lib # what it needs
	start_server --port 80 -- starman --name $@ $< $^
%.run: %.psgi
	start_server --port 81 -- starman $<
