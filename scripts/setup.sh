#!/usr/bin/env bash
# Sees to it that everything `make test` needs is there. As root on Debian it installs what is missing;
# anywhere else it says what is missing, and test.sh leaves out the suites that need it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

for tool in go node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "setup: $tool is not installed; Myna is built with Go 1.26, Node.js 20 and npm." >&2
    exit 1
  fi
done

# Debian package | what says that it is there
missing=()
command -v gcc >/dev/null || command -v clang >/dev/null || missing+=(gcc libc6-dev)
have_chromium || missing+=(chromium)
have_cjk || missing+=(fontconfig fonts-noto-cjk)
have_emoji || missing+=(fontconfig fonts-noto-color-emoji)
have_mariadb || missing+=(mariadb-server)
have_postgres || missing+=(postgresql)

if [[ ${#missing[@]} == 0 ]]; then
  exit 0
fi
if [[ $(id -u) != 0 || ! -f /etc/debian_version ]]; then
  echo "setup: for every suite to run, install what Debian calls: ${missing[*]}" >&2
  exit 0
fi

# Packages of database servers start a server of the system. The tests start their own, so tell the
# packages not to, for as long as this script runs.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
  tail -n 30 "$log" >&2
  echo "setup: apt-get could not install ${missing[*]}; the whole log is in $log" >&2
  in_ci && exit 1
  exit 0
fi
rm -f "$log"
