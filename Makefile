# `make` lists the targets; `make demo` shows the main job, `make check` passes
# all tests. Both need Go, make and git, and install as root what else they use.

GO       ?= go
BIN      := bin
LINT     := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
NFPM     := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
VULN     := golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME ?= 1s
# `./...` leaves out testdata
PACKAGES := ./... ./testdata/children/... ./testdata/programs ./testdata/tools/... ./testdata/systemd/...
# how many servers of the matrix run at once: they mostly wait
ATONCE   ?= 6
# where `make install` puts things, and under PREFIX what zsh completes with
DESTDIR  ?=
PREFIX   ?= /usr/local
ZSHDIR   ?= /share/zsh/site-functions
DIST     ?= dist
KINDS    ?= deb rpm

.PHONY: help build demo test check check-children check-systemd lint vuln mutation upstream fuzz fmt deps clean bench \
	man install uninstall package reproducible

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

build: ## build bin/sdbridge, bin/sdbridge-drill and the link bin/start_server
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN)/ ./cmd/sdbridge ./cmd/sdbridge-drill
	ln -sf sdbridge $(BIN)/start_server

demo: build ## run a child behind a handed socket and swap it five times under load
	$(GO) build -o $(BIN)/ ./testdata/tools/act ./testdata/tools/demo ./testdata/children/plain
	$(BIN)/demo $(BIN)/sdbridge $(BIN)/act $(BIN)/plain

test: ## the fast part: vet and all Go tests; make check has them with the race detector
	$(GO) vet $(PACKAGES) ./testdata/matrix
	$(GO) test -shuffle=on $(PACKAGES)

check: deps ## all tests; lists at its end what could not run and why
	@PACKAGES="$(PACKAGES)" LINT="$(LINT)" .ci/check

check-children: ## all the real servers, and their table in README.md; downloads and builds
	@.ci/deps children
	SDBRIDGE_MATRIX=all $(GO) test -count=1 -timeout 60m -parallel $(ATONCE) ./testdata/matrix -update

check-systemd: deps ## the stories on each systemd: 247, 252, 257 and sid; takes root
	SDBRIDGE_SYSTEMD=host,bullseye,bookworm,trixie,sid $(GO) test -tags systemd -count=1 ./testdata/systemd/... ./units/pair

lint: ## golangci-lint, pinned
	$(GO) run $(LINT) run $(PACKAGES)

vuln: ## known vulnerabilities in what is used; needs the database at vuln.go.dev
	$(GO) run $(VULN) ./...

bench: build ## measure it beside its peers, an hour; BENCHFLAGS=-short tries it
	cd testdata/bench && $(GO) run . $(BENCHFLAGS)

mutation: ## break each rule of the machine once and see its tests object
	$(GO) test -tags mutation -run TestMutation -count=1 -timeout 20m ./bridge/machine

upstream: build ## Server::Starter's own tests, run against bin/start_server
	testdata/upstream/run $(CURDIR)/$(BIN)/start_server

fuzz: ## each fuzz target for $(FUZZTIME)
	@.ci/fuzz $(FUZZTIME)

fmt: ## format the code
	$(GO) run $(LINT) fmt

deps: ## what the tests use beside Go: installed as root, else named
	@.ci/deps

man: ## rewrite docs/man and docs/completions from what the commands say of themselves
	$(GO) test -count=1 -run '^(TestManPages|TestCompletions)$$' ./cmd/sdbridge -update

# root may have no Go, and no right to ask git of another's files
$(BIN)/sdbridge $(BIN)/sdbridge-drill:
	$(MAKE) --no-print-directory build

install: $(BIN)/sdbridge $(BIN)/sdbridge-drill ## programs, manual, completions and examples to $(DESTDIR)$(PREFIX)
	@BIN="$(BIN)" ZSHDIR="$(ZSHDIR)" .ci/package/install "$(DESTDIR)" "$(PREFIX)"

uninstall: ## remove what install has put there
	@ZSHDIR="$(ZSHDIR)" .ci/package/uninstall "$(DESTDIR)$(PREFIX)"

package: ## a .deb and an .rpm in dist
	@NFPM="$(NFPM)" .ci/package/make "$(DIST)" $(KINDS)

reproducible: ## see that two builds, in two directories, are the same
	@.ci/package/reproducible

clean: ## remove what was built
	rm -rf $(BIN) $(DIST)
