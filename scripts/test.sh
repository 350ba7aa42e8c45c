#!/usr/bin/env bash
# Every test of Myna. A suite whose needs are missing on this machine is left out and named at the end;
# in CI (CI=true) leaving one out is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

left_out=()
leave_out() {
  echo "left out: $1"
  left_out+=("$1")
}

step "set-up"
scripts/setup.sh
have_mariadb || leave_out "tests on MariaDB: mariadbd is not installed"
have_postgres || leave_out "tests on PostgreSQL: initdb is not installed"

step "web client"
make --no-print-directory web
npm --prefix web test

step "binary"
make --no-print-directory build

# Race-built tests need several times the time and memory, so two packages at a time.
race=-race
if ! command -v gcc >/dev/null && ! command -v clang >/dev/null; then
  race=
  leave_out "the race detector: there is no C compiler"
fi
step "Go tests"
go test $race -p 2 -timeout 20m ./...

step "browser tests"
if have_chromium; then
  make --no-print-directory e2e/browser/node_modules/.stamp
  MYNA_CHROMIUM=$(chromium_path) npm --prefix e2e/browser test
else
  leave_out "browser tests: Chromium is not installed"
fi
step_end

if [[ ${#left_out[@]} -gt 0 ]]; then
  printf '\nAll that ran has passed, but these were left out:\n'
  printf '  - %s\n' "${left_out[@]}"
  if in_ci; then exit 1; fi
fi
