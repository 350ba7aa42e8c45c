# Myna: build, run and test. `make` alone lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

MYNA := bin/myna
DIST := internal/webui/dist
STAMP := bin/.stamp
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' 2>/dev/null)

# A stamp is worth nothing when what it stands for was deleted.
$(shell test -d $(DIST)/assets || rm -f $(STAMP)/web)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

.PHONY: run
run: build ## build everything and serve http://localhost:8080 with ./data
	./$(MYNA) serve

.PHONY: build
build: web ## the web client and the binary, into bin/myna
	go build -trimpath -ldflags "-s -w" -o $(MYNA) ./cmd/myna

.PHONY: web
web: $(STAMP)/web ## the web client, into internal/webui/dist, when its sources changed

$(STAMP)/web: $(WEB_SOURCES) web/node_modules/.stamp
	npm --prefix web run build
	@mkdir -p $(@D) && touch $@

%/node_modules/.stamp: %/package.json %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund
	@touch $@

.PHONY: test
test: ## set up what is missing, then every test
	scripts/test.sh

.PHONY: check
check: web e2e/browser/node_modules/.stamp ## the gate: format, vet, dead code, budgets, generated files, web checks
	scripts/check.sh

.PHONY: generate
generate: ## write docs/protocol.md, the OpenAPI description and web/src/wire.ts from the Go types
	go generate ./...

.PHONY: format
format: ## gofumpt over the tree
	go tool gofumpt -w $$(git ls-files '*.go')

.PHONY: screenshots
screenshots: build e2e/browser/node_modules/.stamp ## the pictures in docs/images, from the running product
	npm --prefix e2e/browser run screenshots

.PHONY: fault
fault: build ## kill -9 a thousand times (make fault CYCLES=50 for fewer)
	go test ./e2e/fault -count=1 -timeout 3h -v -run TestKill -cycles $(or $(CYCLES),1000)

.PHONY: clean
clean: ## what make made, but not ./data
	rm -rf bin web/node_modules e2e/browser/node_modules e2e/browser/test-results e2e/browser/report
	git clean -qfdX $(DIST)
