# shellcheck shell=bash
# The operators' console: built when its sources changed, checked and tested with the same Node.js (.venv).

web=$root/hub/console/web

# Development goes on without it: the hub's page says what is missing.
build_console() {
  local said
  if ! said=$("$root/.venv/bin/python" "$root/hatch_build.py" 2>&1); then
    warn "$said"
  elif [[ -n $said ]]; then say "$said"; fi
}

# console_tool <program> <argument>...: one of npm's programs, at the console's sources.
console_tool() {
  (cd "$web" && PATH=$root/.venv/bin:$PATH exec "node_modules/.bin/$1" "${@:2}")
}

check_console_types() { console_tool tsc --noEmit; }
