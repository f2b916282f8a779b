#!/usr/bin/env bash
# Runs govulncheck, the package@version given. Its database comes from the network: where that
# cannot be reached (and for no other reason), this says so and lets the check go on.
set -euo pipefail
out=$(mktemp); trap 'rm -f "$out"' EXIT
go run "$1" ./... >"$out" 2>&1 && rc=0 || rc=$?
cat "$out"
[ "$rc" = 0 ] && exit 0
if grep -qE 'govulncheck: .*(vuln\.go\.dev|GOVULNDB).*(dial|lookup|connect|timeout|proxyconnect|Forbidden|no such host)' "$out"; then
  echo "vuln: SKIPPED, the vulnerability database cannot be reached from here" >&2
  exit 0
fi
exit "$rc"
