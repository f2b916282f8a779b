# What this needs: Go, git, bash and the network for Go modules. `make check` also needs a C
# compiler, for the race detector.

# A tag's name, with what came after it; -dev before there is a tag.
VERSION ?= $(shell git describe --tags --match 'v*' 2>/dev/null || echo v0.1.0-dev)
# The sandbox's and the demo's world: access/sim/worlds holds them.
WORLD ?= s3
# The made-up cluster that bench-scale measures on, and how often.
SIZE ?= L
RUNS ?= 5
# The stories and the box take minutes, and several times that on a slow machine: go test's
# own limit of ten is not theirs.
TESTFLAGS ?= -timeout 40m

# Tools are run at these versions and never stand in go.mod.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0

BIN := bin/kubectl-eks_access
LDFLAGS := -s -w -X github.com/eks-access/kubectl-eks-access/cmd.version=$(VERSION)
# Modules of their own, so that what judges the plugin is no dependency of it.
NESTED := $(patsubst %/go.mod,%,$(wildcard test/*/go.mod))
TESTED := $(sort $(foreach m,$(NESTED),$(if $(shell find $(m) -name '*_test.go'),$(m))))

.DEFAULT_GOAL := help
.PHONY: help build demo sandbox test check lint vuln golden docs fmt dist plugin.yaml krew-test rig bench bench-scale clean

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

build: ## Build the plugin: bin/kubectl-eks_access
	@CGO_ENABLED=0 go build -trimpath -ldflags="$(LDFLAGS)" -o $(BIN) ./cmd/kubectl-eks_access

demo: build ## Play with an invented cluster, in this process (WORLD=s3)
	@$(BIN) --demo=$(WORLD)

sandbox: rig build ## Serve a real Kubernetes API behind an AWS bench until Ctrl-C (WORLD=s3)
	@go build -o bin/sandbox ./test/e2e/sandbox
	@exec bin/sandbox -world=$(WORLD)

# Everything in it listens on loopback, and nothing needs an AWS account or a cluster.
test: rig ## Run all tests, against a real kube-apiserver and the real krew too
	@rc=0; for m in . $(TESTED); do echo "cd $$m && go test $(TESTFLAGS) ./..."; \
	  (cd $$m && go test $(TESTFLAGS) ./...) || rc=1; done; exit $$rc

check: lint vuln ## Run all tests with the race detector, and all that reads the code
	@$(MAKE) --no-print-directory test TESTFLAGS="-race -timeout 90m"

lint: ## gofmt, go vet, staticcheck, go mod tidy
	@hack/lint.sh $(STATICCHECK) . $(NESTED) test/rig/termshot

vuln: ## Look for known vulnerabilities in what the plugin is built of
	@hack/vuln.sh $(GOVULNCHECK)

golden: ## Write the expected output of tests anew; read the difference before committing
	@pkgs=$$(grep -rl --include='*_test.go' 'flag\.Bool.*"update"' . | xargs -n1 dirname | sort -u); \
	  [ -n "$$pkgs" ] || { echo "no test takes -update"; exit 0; }; go test $$pkgs -update

docs: ## Write docs/codes.md anew, from the words in access/report
	@go test ./access/report -run TestCodesPageIsInStep -update >/dev/null

fmt: ## Format all Go files
	gofmt -w .

dist: ## Pack archives for all platforms, their sums and the Krew manifest into dist/
	go run ./hack/pack -version $(VERSION)

plugin.yaml: dist ## Make the manifest of the release: make plugin.yaml VERSION=v0.1.0
	cp dist/eks-access.yaml plugin.yaml

krew-test: rig ## Install, run and remove the packed plugin with the real krew
	go test -count=1 -v ./test/krew

rig: ## Build kube-apiserver, kubectl and krew for the tests, once (some 3 minutes)
	@test/rig/build.sh >/dev/null

bench: ## Measure
	go test -run '^$$' -bench . -benchmem ./...

bench-scale: rig build ## Measure whole processes beside the floor on a big cluster (SIZE=L RUNS=5)
	@go build -o bin/floor ./test/scale/floor && go build -o bin/bench-scale ./test/scale/run
	@exec bin/bench-scale -size=$(SIZE) -runs=$(RUNS)

clean: ## Remove what was built here; the rig stays in the user's cache
	rm -rf bin dist
