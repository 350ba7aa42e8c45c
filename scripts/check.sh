#!/usr/bin/env bash
# The gate: everything that can be said about the tree without running the product. It goes through to
# the end, so that one run shows all there is to mend.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

failed=()
check() {
  local name=$1
  shift
  step "$name"
  "$@" || failed+=("$name")
}

# quiet runs a command that is fine when it prints nothing.
quiet() {
  local out
  out=$("$@" 2>&1)
  local code=$?
  [[ -z $out ]] || printf '%s\n' "$out"
  [[ $code == 0 && -z $out ]]
}

formatted() { git ls-files -z '*.go' | quiet xargs -0 go tool gofumpt -l; }

# What no main package reaches. Left to others to call: the SDK in client/, the bodies in wire/ and the
# vocabulary in the root; e2e/ and packages named …test exist for tests.
dead() {
  local out
  out=$(go tool deadcode ./...) || return 1
  out=$(grep -vE '^(client/|wire/|e2e/|[a-z]+\.go:|internal/.*test/|$)' <<<"$out") || return 0
  printf '%s\n' "$out"
  return 1
}

check "gofumpt" formatted
check "go vet" go vet ./...
check "staticcheck" go tool staticcheck ./...
check "dead code" dead
check "layers, sizes, dependencies, generated files" go test . ./internal/apidoc
check "types of the web client" npm --prefix web run check
check "types of the browser tests" npm --prefix e2e/browser run check
check "bundle budget" npm --prefix web run budget
step_end

if [[ ${#failed[@]} -gt 0 ]]; then
  printf '\ncheck: failed: %s\n' "$(IFS=,; echo "${failed[*]}" | sed 's/,/, /g')"
  exit 1
fi
printf '\ncheck: all well\n'
