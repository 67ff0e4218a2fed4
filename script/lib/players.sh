# shellcheck shell=bash
# What others wrote and the end-to-end tests play cameras with: WHEP players from npm, and go2rtc.

# Node.js and npm are in .venv; the lock has hashes and no addresses, so npm asks its own registry.
install_players() {
  local from=$root/tests/e2e/players folder=$tools/players stamp
  stamp=$(digest "$from/package-lock.json")
  if [[ -e $folder/stamp && $(<"$folder/stamp") == "$stamp" ]]; then return; fi
  say "Installing the independent players into .tools"
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$from/package.json" "$from/package-lock.json" "$from/.npmrc" "$folder"
  if PATH=$root/.venv/bin:$PATH npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund \
    --loglevel error >"$folder/npm.log" 2>&1; then
    echo "$stamp" >"$folder/stamp"
  else
    warn "npm cannot get the independent players: $(tail -n 1 "$folder/npm.log"); tests that need them say so"
  fi
}

# Home Assistant talks to the go2rtc of its image; elsewhere it is built from Go's module proxy, once.
install_go2rtc() {
  local from=$root/tests/e2e/go2rtc program=$tools/bin/go2rtc stamp
  stamp=$(digest "$from/go.sum")
  if [[ -x $program && -e $tools/go2rtc.stamp && $(<"$tools/go2rtc.stamp") == "$stamp" ]]; then return; fi
  if ! command -v go >/dev/null; then
    warn "no Go here to build go2rtc with: the test with a real one says so"
    return
  fi
  say "Building go2rtc (a minute or two)"
  mkdir -p "$tools/bin"
  # Its C files are notes, which Go refuses to see when it could compile them.
  if CGO_ENABLED=0 go build -C "$from" -mod=readonly -trimpath -ldflags '-s -w' -o "$program" \
    github.com/AlexxIT/go2rtc >"$tools/go2rtc.log" 2>&1; then
    echo "$stamp" >"$tools/go2rtc.stamp"
    say "$("$program" --version) in .tools/bin"
  else
    warn "Go cannot build go2rtc: $(tail -n 1 "$tools/go2rtc.log"); the test with a real one says so"
  fi
}
