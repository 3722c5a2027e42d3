# make demo   runs the whole gateway on this machine, with its own PostgreSQL, S3 server and sign-in
# make test   checks everything; it is what continuous integration runs
# make bench    measures the gateway beside the store, a bare proxy and pgbench: the table of docs/performance.md
# make interop  tries the gateway with an identity provider, an S3 server and clients that are none of ours
#               (make foreign: the clients alone; make heard: the stories through a proxy that judges by the contract)
# make torture  kills gateway, PostgreSQL and store under load, a thousand times; strikes every step outside; races and
#               histories of a million acts: days. TORTURE_CYCLES=N and HISTORY_STEPS=N ask for other numbers
# make upgrade FROM=COMMIT  exchanges a replica of an earlier commit for one of this while both serve
#
# make release  builds what is served, without the demo (make packages: as .deb and .rpm; make reproduced: twice, the same;
#               make deployable: units, alerts, chart and packages tried; make vulnerabilities: known ones)
#
# Both work on a bare Debian or Ubuntu with Go 1.26: they install what is missing and say so. Neither needs a service
# to be running. `make demo ARGS="--data DIR --listen ADDR"` passes arguments on.

SHELL := /bin/sh
export PATH := $(CURDIR)/build/bin:$(PATH)
# gin without its MessagePack codec: nothing here speaks it, and it takes long to compile.
export GOFLAGS := -tags=nomsgpack $(GOFLAGS)

PACKAGES := $(wildcard api cmd pkg)
RACED := $(wildcard pkg/sequencer pkg/exchange pkg/vault pkg/rest)
S3SERVER := pkg/devstack/s3server
INTEROP := pkg/ledger/interop
# Prints what go test does, and keeps what was skipped; the end of make test shows it.
TESTED := $(CURDIR)/build/bin/tested $(CURDIR)/build/skipped
# Every statement of these is tested, or make test fails (quality.md of the design: 100 %).
COVERED := pkg/article4 pkg/ledger

# A release names itself; any other build names its commit, where git can tell it (in a work tree of another user it
# refuses, and go build with it).
LDFLAGS := -s -w -X main.release=$(RELEASE)
VCS := $(shell git rev-parse -q --verify HEAD >/dev/null 2>&1 || echo -buildvcs=false)

# What is served holds no demo, and so no identity provider that signs anybody in.
SERVED := -tags=nomsgpack,nodemo
VERSION = $(or $(RELEASE),0.0.0-development)

.PHONY: demo test bench torture upgrade interop foreign heard lint generate assets pictures build release packages reproduced \
	vulnerabilities deployable

demo: build
	@.ci/install postgresql
	@build/bin/chanceryd demo $(ARGS)

build:
	@.ci/install go
	@CGO_ENABLED=0 .ci/progress "building" go build -trimpath $(VCS) -ldflags="$(LDFLAGS)" -o build/bin/ ./cmd/...

test:
	@.ci/install go postgresql gcc clamav curl poppler libreoffice proxies chromium node python
	@$(MAKE) --no-print-directory lint
	@mkdir -p build/bin && rm -f build/skipped && go build -o build/bin/tested ./.ci/tested
	@.ci/progress "checking that generated files are up to date" .ci/generated
	@.ci/progress "checking that what pages load is what it is built of" .ci/assets
	go test -vet=off -v -run '^TestTheStoreProgramIsBuilt$$' ./pkg/devstack
	@# Once and without the race detector, which makes compiling many times slower.
	go test -vet=off -v -count 1 -run '^TestTheReaderOfPDFFilesIsCompiled$$' ./pkg/stamp
	@# Everything was vetted by lint, with more checks than go test asks for: once is enough.
	@$(TESTED) go test -race -vet=off -p 4 -timeout 25m $(addprefix ./,$(addsuffix /...,$(RACED)))
	.ci/covered $(addprefix ./,$(COVERED))
	@$(TESTED) go test -vet=off -p 4 -timeout 45m $$(go list ./... | grep -vE '^[^/]+/[^/]+/($(subst $() ,|,$(strip $(RACED) $(COVERED))))(/|$$)')
	@# Other people's code over a real log, in a module of its own: nothing of theirs is linked into the gateway. What the
	@# gateway's own module needs since is added in a copy.
	@mkdir -p build && cp $(INTEROP)/go.mod build/interop.mod && cp $(INTEROP)/go.sum build/interop.sum
	@cd $(INTEROP) && $(TESTED) go test -mod=mod -modfile=$(CURDIR)/build/interop.mod -timeout 25m ./...
	@.ci/skipped build/skipped

# Both commands as they are served, and what they are made of (CycloneDX).
release:
	@.ci/install go
	@CGO_ENABLED=0 .ci/progress "building what is served" \
		go build $(SERVED) -trimpath $(VCS) -ldflags="$(LDFLAGS)" -o build/release/ ./cmd/...
	@for command in chanceryd chancery; do .ci/progress "listing what $$command is made of" \
		go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0 bin -json \
		-output build/release/$$command.sbom.json build/release/$$command; done

# A .deb and an .rpm in build/release.
packages: export ARCH = $(shell go env GOARCH)
packages: export VERSION := $(VERSION)
# The day that stands in the manual pages, and at the files of a package: that of the commit.
packages: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
packages: release
	@.ci/progress "writing manual pages and completions" .ci/manuals build/release "$(SERVED)"
	@for kind in deb rpm; do .ci/progress "packing $$kind" \
		go run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0 package -f deploy/packages/nfpm.yaml -p $$kind -t build/release/; done

# Builds what is served twice, the second time elsewhere and with nothing of the first: the same bytes, or it fails.
reproduced:
	@.ci/install go
	.ci/reproduced $(SERVED) "$(LDFLAGS)"

# Asks the database of known vulnerabilities about what is served; says so where that cannot be reached.
vulnerabilities:
	@.ci/install go
	@said=$$(go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 $(SERVED) ./cmd/... 2>&1); status=$$?; printf '%s\n' "$$said"; \
	case $$said in *"fetching vulnerabilities"*) echo "chancery: the database of vulnerabilities was not reached:" \
		"nothing is known of any";; esac; exit $$status

# Holds what operators are given against other people's programs: units, alerts, the chart, the package in an empty Debian,
# the program in an empty root. Needs root, and Debian's packages.
deployable: packages
	.ci/deployable build/release

lint:
	@.ci/install go
	@unformatted=$$(gofmt -l $(PACKAGES)); test -z "$$unformatted" || { echo "gofmt would change:" $$unformatted; exit 1; }
	go vet ./...
	@# As devstack builds it, so that what it is made of is compiled once and not twice.
	cd $(S3SERVER) && CGO_ENABLED=0 GOFLAGS=-trimpath go vet -modfile=server.mod main.go
	@.ci/progress "staticcheck" .ci/staticcheck

# Builds what the pages load: needs Node, which go build does not.
assets:
	@.ci/install node
	pkg/portal/assets/build

# Makes the pictures of docs/portal.md anew.
pictures:
	@.ci/install go postgresql chromium
	CHANCERY_MANUAL=$(CURDIR)/docs/pictures go test -count 1 -run '^TestThePicturesOfTheManual$$' ./cmd/chanceryd

generate:
	@.ci/install go
	go generate ./...

bench:
	@.ci/install go postgresql
	@go run ./pkg/bench $(ARGS)

torture:
	@.ci/install go postgresql clamav
	TORTURE_CYCLES=$${TORTURE_CYCLES:-1000} go test -v -count 1 -timeout 6h -run '^TestWhateverIsKilled' ./cmd/chanceryd
	TORTURE_CYCLES=1 go test -v -count 1 -timeout 1h -run '^TestAFileThatIsResumed' ./cmd/chanceryd
	LOG_CHECKS=1000 go test -v -count 1 -timeout 1h -run '^TestACheckBeside' ./pkg/sequencer
	MAIL_NOTICES=10000 go test -v -count 1 -timeout 1h -run '^TestWhateverIsKilled' ./pkg/notify
	FAULT_STEPS=all go test -v -count 1 -timeout 6h -run '^TestAnyStepOutside|^TestWithoutAPart' ./pkg/rest
	go test -race -v -count 50 -timeout 6h -run 'NoDisclosureStartsAfterAnAcknowledgedWithdrawal' ./pkg/exchange
	HISTORY_STEPS=$${HISTORY_STEPS:-1000000} go test -v -count 1 -timeout 72h -run 'WhatIsPermittedAfterTheEnd' ./pkg/exchange -rapid.checks=1000000
	HISTORY_STEPS=$${HISTORY_STEPS:-1000000} go test -v -count 1 -timeout 72h -run '^TestHistories' ./pkg/exchange

upgrade:
	@.ci/install go postgresql
	.ci/upgraded "$(FROM)"

# What is foreign is got through npm and the Go proxy, into build/interop. MinIO takes some minutes to build, once.
interop: INTEROP = $(CURDIR)/build/interop
interop: MINIO = v0.0.0-20260212201848-7aac2a2c5b7c
interop:
	@.ci/install go postgresql gcc curl node
	@mkdir -p $(INTEROP)
	cp pkg/devstack/interop/* $(INTEROP)/
	npm --prefix $(INTEROP) --no-fund --no-audit ci
	CHANCERY_FOREIGN_PROVIDER=$(INTEROP) go test -v -count 1 -run '^TestAForeignProvider' ./cmd/chanceryd
	GOBIN=$(INTEROP) CGO_ENABLED=0 .ci/progress "building MinIO" go install -trimpath github.com/minio/minio@$(MINIO)
	.ci/with-minio $(INTEROP)/minio go test -count 1 -skip 'Gibibyte|ThirtyTwo|BoundedBuffer|NoPlaintext|OfAKilledGateway' ./pkg/objects ./pkg/vault
	.ci/with-minio $(INTEROP)/minio go test -count 1 -run 'Publish|Older|TheOldKey|Altered|ContentStops' ./pkg/sequencer
	.ci/with-minio $(INTEROP)/minio go test -count 1 -run 'MainWay|BadDeposits|NamesAndPolyglots|DoneOnce' ./pkg/rest
	@$(MAKE) --no-print-directory foreign
	@$(MAKE) --no-print-directory heard

# The contract before other people's linter, generators and judge of changes: a client of TypeScript and one of Go, both made
# of api/openapi.yaml alone, go the whole way against a demo; a change that breaks clients under the same info.version fails.
foreign: CLIENTS = $(CURDIR)/build/interop/clients
foreign: OASDIFF = v1.37.0
foreign: build
	@.ci/install go postgresql node
	@mkdir -p $(CLIENTS)/gateway
	cp -r pkg/client/interop/* $(CLIENTS)/
	npm --prefix $(CLIENTS) --no-fund --no-audit ci
	$(CLIENTS)/node_modules/.bin/redocly lint api/openapi.yaml
	GOBIN=$(CLIENTS) .ci/progress "building oasdiff" go install github.com/oasdiff/oasdiff@$(OASDIFF)
	.ci/contract-kept $(CLIENTS)/oasdiff
	$(CLIENTS)/node_modules/.bin/openapi-typescript api/openapi.yaml -o $(CLIENTS)/gateway.d.ts
	$(CLIENTS)/node_modules/.bin/tsc -p $(CLIENTS)
	go tool -modfile=.ci/tools/go.mod oapi-codegen --config pkg/client/interop/client.yaml -o $(CLIENTS)/gateway/client.go api/openapi.yaml
	cd $(CLIENTS) && go build -o goclient .
	.ci/foreign-clients $(CLIENTS)

# Everything that the tests of the API and the pages that are walked ask of a gateway passes through a proxy which holds it,
# and what is answered, against the contract by a validator of other people's code. A violation fails.
heard: HEARD = $(CURDIR)/build/interop/heard
heard:
	@.ci/install go postgresql gcc curl clamav poppler libreoffice
	@mkdir -p $(dir $(HEARD))
	cd pkg/rest/interop && go vet . && go test -count 1 . && go build -o $(HEARD) .
	.ci/heard $(HEARD) build/interop/heard.txt "go test -count 1 -timeout 40m ./pkg/rest && \
		go test -count 1 -run '^TestTheWalkAnswers|^TestThePageForAuditors' ./cmd/chanceryd"
