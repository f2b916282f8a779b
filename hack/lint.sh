#!/usr/bin/env bash
# Reads the code of every module: lint.sh STATICCHECK@VERSION MODULE...
set -euo pipefail
staticcheck=$1; shift
out=$(gofmt -l .)
[ -z "$out" ] || { echo "not gofmt-ed:" $out >&2; exit 1; }
for m; do
  echo "lint $m"
  (
    cd "$m"
    # As build.sh compiles it: Kubernetes is compiled once for both.
    [ "$m" != test/rig ] || export CGO_ENABLED=0 GOFLAGS="-trimpath -gcflags=all=-l"
    go vet ./...
    go run "$staticcheck" ./...
    go mod tidy -diff
  )
done
