#!/usr/bin/env bash
# Builds the real components that the end-to-end tests run against, from Go modules alone.
#
#   build.sh [PART...]      parts: core term (default: core)
#
#   core   controlplane (etcd, kube-apiserver and ClusterRole aggregation in one
#          process), kubectl, krew, kubectl-krew, validate-krew-manifest
#   term   termshot, which draws terminal screens as PNG, GIF and SVG
#
# Prints the folder that holds them: $EKS_ACCESS_RIG, or one in the user's cache. It lies
# outside the tree, so that fresh clones share it. A part is built again only if its
# sources or the Go version changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${EKS_ACCESS_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-eks-access/rig}
mkdir -p "$bin"; bin=$(cd "$bin" && pwd)
[ $# -gt 0 ] || set -- core

# Compiling without inlining (-l) takes a third less time from nothing; GOGC trades memory
# (2 GB at most) for time. The control plane starts half a second later for it.
# GOFLAGS is set, not added to: flags meant for another module would break this one.
export CGO_ENABLED=0 GOGC=400 GOWORK=off GOFLAGS="-mod=readonly -buildvcs=false"
# A plain build of kubectl calls itself v0.0.0-master+$Format:%H$ and then fails to parse that.
# EKS calls itself v1.36.3-eks-1234567.
v=v1.36.3-eks-5e0fdde
x=k8s.io/component-base/version
ld="-s -w -X $x.gitVersion=$v -X $x.gitMajor=1 -X $x.gitMinor=36 -X $x.gitTreeState=clean -X $x.gitCommit=none"
ld="$ld -X k8s.io/client-go/pkg/version.gitVersion=$v -X sigs.k8s.io/krew/internal/version.gitTag=v0.5.0"

if command -v sha256sum >/dev/null; then sha() { sha256sum; }; else sha() { shasum -a 256; }; fi
stamp_of() { { go version; find "$here" -type f -not -name '*.md' | LC_ALL=C sort | xargs cat; } | sha; }

# Two builds at once would only take turns with each other's memory. Where there is no flock,
# both build; each moves whole files into place, so neither harms the other.
if command -v flock >/dev/null; then exec 9>"$bin/.lock"; flock 9; fi
tmp=
trap 'rm -rf "$tmp"' EXIT
for part; do
  stamp=$(stamp_of)
  [ "$(cat "$bin/.$part.stamp" 2>/dev/null)" = "$stamp" ] && continue
  echo "rig: building $part into $bin (once; some minutes the first time)" >&2
  tmp=$(mktemp -d "$bin/.new.XXXXXX")
  case $part in
    core)
      (cd "$here" && go build -trimpath -gcflags=all=-l -ldflags="$ld" -o "$tmp/" ./cmd/controlplane \
        k8s.io/kubernetes/cmd/kubectl sigs.k8s.io/krew/cmd/krew sigs.k8s.io/krew/cmd/validate-krew-manifest)
      ln -s krew "$tmp/kubectl-krew" ;; # the name under which kubectl finds it
    term)
      (cd "$here/termshot" && go build -trimpath -ldflags="-s -w" -o "$tmp/termshot" .) ;;
    *) echo "no such part: $part" >&2; exit 2 ;;
  esac
  mv -f "$tmp"/* "$bin/" # not over a program that runs: that would be "text file busy"
  rmdir "$tmp"; tmp=
  echo "$stamp" >"$bin/.$part.stamp"
done
echo "$bin"
