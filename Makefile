# aichat. `make help` lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A build carries the moment it was made in its version, so that a newer build
# replaces an older local server. A release sets VERSION.
STAMP   := $(shell scripts/stamp)
VERSION ?= 0.1.0-dev.$(STAMP)

MODULE  := github.com/aichat-term/aichat
LDFLAGS := -s -w -X $(MODULE)/client/version.Version=$(VERSION)
BUILD   := CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)'
BINARIES := bin/aichat bin/aichat-server

# What a binary is made of: all that is compiled or embedded.
SOURCES := go.mod go.sum $(shell find client cmd migrations server tui -type f ! -name '*_test.go' ! -path '*/testdata/*')

PKGS       ?= ./...
TESTFLAGS  ?=
FUZZTIME   ?= 20s
BENCHTIME  ?= 1s
# For the programs of bench, such as BENCHFLAGS='-only relay' of bench-check.
BENCHFLAGS ?=
# How many messages bench-check searches.
MESSAGES   ?= 100000

##@ Use it

.PHONY: run
run: build ## build both programs and open aichat (without a terminal: ask once and print the answer)
	@scripts/run

.PHONY: build
build: go $(BINARIES) ## build bin/aichat and bin/aichat-server, if anything changed

bin/%: $(SOURCES)
	@$(BUILD) -o $@ ./cmd/$*

##@ Check it

.PHONY: test
test: go deps ## install what the tests need, vet, and run every test (also on PostgreSQL and Redis)
	@go vet $(PKGS)
	@scripts/with-postgres scripts/with-redis scripts/test $(TESTFLAGS) -- $(PKGS)

.PHONY: lint
lint: go ## run golangci-lint (installed into bin/ at its pinned version if it is not there)
	@$$(scripts/tool golangci-lint) run

.PHONY: fuzz
fuzz: go ## run each fuzz target for FUZZTIME (20s)
	@scripts/fuzz $(FUZZTIME)

.PHONY: cover
cover: go deps ## run the tests and say what they cover; cover.out holds it line by line
	@scripts/with-postgres scripts/with-redis go test -coverpkg=./client/...,./cmd/...,./server/...,./tui/... -coverprofile=cover.out $(PKGS)
	@go tool cover -func=cover.out | tail -1

.PHONY: bench
bench: build deps ## measure everything and print the tables
	@scripts/with-postgres scripts/with-redis go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -timeout 30m $(PKGS)
	@go run ./bench/oneshot $(BENCHFLAGS)
	@go run ./bench/tui $(BENCHFLAGS)
	@go run ./bench/relay $(BENCHFLAGS)

.PHONY: bench-check
bench-check: build deps ## measure what has a bound and fail where one is missed
	@AICHAT_BENCH_MESSAGES=$(MESSAGES) scripts/with-postgres go run ./bench/check $(BENCHFLAGS)

.PHONY: docs-check
docs-check: build ## fail where a generated page is stale
	@scripts/docs --check

.PHONY: cross
cross: go ## build both programs for linux, darwin and windows on amd64 and arm64
	@scripts/cross

.PHONY: release-check
release-check: go ## build a release without publishing it, and look at what came out
	@scripts/release-check "$$(scripts/tool goreleaser)"

##@ Keep it

.PHONY: fmt
fmt: go ## format the Go code
	@gofmt -l -w bench client cmd migrations scripts server tui

.PHONY: golden
golden: go ## accept what the golden tests see now; then read the diff
	@scripts/golden

.PHONY: docs
docs: build ## write the generated pages of docs/ anew
	@scripts/docs

.PHONY: screenshot
screenshot: build ## draw docs/aichat.svg from the real TUI (needs tmux)
	@scripts/screenshot

.PHONY: deps
deps: ## install what the tests need: servers, tmux, a browser, node and the like; scripts/deps lists it
	@scripts/deps

.PHONY: clean
clean: ## remove what was built
	@rm -rf bin dist cover.out

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

.PHONY: go
go:
	@scripts/need-go
