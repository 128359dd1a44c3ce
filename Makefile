# SPDX-License-Identifier: EUPL-1.2
# The two commands of the README are `make run` and `make test`.
SHELL := /bin/bash
GO_BUILD := CGO_ENABLED=0 go build -trimpath -buildvcs=false
LDFLAGS := -s -w -buildid= -X main.version=$(shell git describe --tags --always --dirty 2>/dev/null || echo devel)

.PHONY: help tools web build run dist test check race bench fuzz golden clean
help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12
tools: ## Check that Go and Node are here and recent enough
	@./test/tools.sh build
web: tools web/dist/.built ## Build the apps
web/dist/.built: $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path 'web/test/shots/*' 2>/dev/null)
	cd web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@
build: web ## Build the one binary
	$(GO_BUILD) -ldflags "$(LDFLAGS)" -o rivage ./cmd/rivage
run: build ## Start the demo
	./rivage demo
dist: web ## Build static binaries for Linux, and for the demo on macOS, into dist/
	@mkdir -p dist
	for t in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64; do \
	  GOOS=$${t%/*} GOARCH=$${t#*/} $(GO_BUILD) -ldflags "$(LDFLAGS)" -o dist/rivage-$${t%/*}-$${t#*/} ./cmd/rivage || exit 1; done
	cd dist && sha256sum rivage-* > SHA256SUMS
test: export CGO_ENABLED = 0
test: export GOFLAGS = -trimpath -buildvcs=false
test: ## Everything: unit, race, import rule, both databases, real SIP peers, both apps in Chromium
	@# What is built is compiled once: tests take the build's own flags, but for the race detector, which needs cgo.
	@./test/tools.sh test
	$(MAKE) --no-print-directory build
	cd web && npm run --silent check && npm run --silent test && npm run --silent test:screens
	go vet ./...
	go test -count=1 -vet=off -shuffle=on -timeout 20m $$(go list ./... | grep -vE '/test/(integration|tenminutes)$$')
	go test -count=1 -vet=off -p 1 -parallel 3 -timeout 20m ./test/integration ./test/tenminutes
	CGO_ENABLED=1 go test -count=1 -vet=off -race -short -timeout 15m . ./engine/... ./record/... ./edge/... ./wire/... ./verify/...
check: ## The quick part, for the editor
	gofmt -l $$(git ls-files '*.go') | (! grep .)
	go vet ./... && go test -short . ./engine/... ./wire/... ./verify/... ./test/arch
race: ## Everything in Go, with the race detector
	go test -race ./...
bench: ## Measure what docs/performance.md reports
	./test/bench.sh
fuzz: ## Fuzz each target for FUZZTIME (30s)
	./test/fuzz.sh $(or $(FUZZTIME),30s)
golden: ## Rewrite golden files; read the diff before committing
	UPDATE=1 go test ./...
clean: ## Remove what was built
	rm -rf rivage dist web/dist/.built
