# Shared by the scripts beside it; sourced, not run.
# shellcheck shell=bash

# step says what comes next and how long the last thing took.
step() {
  step_end
  step_name=$1
  step_start=$SECONDS
  printf '\n== %s\n' "$step_name"
}

step_end() {
  if [[ -n ${step_name:-} ]]; then
    printf '== %s: done in %d s\n' "$step_name" $((SECONDS - step_start))
  fi
  step_name=
}

in_ci() { [[ ${CI:-} == true || ${CI:-} == 1 ]]; }

# have_server_binary finds a database server where Debian and others put it.
have_mariadb() { command -v mariadbd >/dev/null || [[ -x /usr/sbin/mariadbd ]] || command -v mysqld >/dev/null; }
have_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
have_chromium() { [[ -n $(chromium_path) ]]; }
have_cjk() { command -v fc-list >/dev/null && [[ -n $(fc-list :lang=zh family) ]]; }
have_emoji() { command -v fc-list >/dev/null && [[ -n $(fc-list :lang=und-zsye family) ]]; }

# chromium_path prints the browser that the tests drive: $MYNA_CHROMIUM, or an installed one.
chromium_path() {
  if [[ -n ${MYNA_CHROMIUM:-} ]]; then
    printf '%s\n' "$MYNA_CHROMIUM"
    return
  fi
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name"; then return; fi
  done
}
