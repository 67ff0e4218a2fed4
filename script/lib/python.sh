# shellcheck shell=bash
# Finding a Python that Home Assistant runs on: the machine's, else uv's, else Debian's.

private_python=$tools/debian-newest/root/usr/bin/python3.14

good_python() {
  [[ -x $1 ]] && "$1" -c 'import sys, venv, sqlite3, ssl; sys.exit(sys.version_info < (3, 14, 2))' 2>/dev/null
}

# Sets $python.
find_python() {
  local candidate
  for candidate in "$(command -v python3.14 || true)" "$HOME"/.pyenv/versions/3.14*/bin/python3.14 \
    "$tools"/python/*/bin/python3.14 "$private_python"; do
    if good_python "$candidate"; then
      python=$candidate
      return
    fi
  done
  say "No Python 3.14.2 or newer here: asking uv for one"
  if UV_HTTP_TIMEOUT=10 UV_HTTP_RETRIES=0 UV_PYTHON_INSTALL_DIR=$tools/python timeout 120 \
    "$uv" python install --no-progress --no-bin 3.14 2>"$tools/uv-python.log"; then
    for candidate in "$tools"/python/*/bin/python3.14; do
      if good_python "$candidate"; then
        python=$candidate
        return
      fi
    done
  fi
  say "uv cannot get one here ($(sed -n 's/^ *cause: //p' "$tools/uv-python.log" | tail -n 1)): trying Debian's packages"
  can_take_debian_packages || die "install Python 3.14.2 or newer (python3.14 on PATH), then run script/setup again"
  take_newest_packages || die "install Python 3.14.2 or newer (python3.14 on PATH), then run script/setup again"
  good_python "$private_python" || die "the unpacked Python does not start: $private_python"
  python=$private_python
}

# One closure for everything that comes from the newest suite, so that the programs share their libraries.
take_newest_packages() {
  local top=$tools/debian-newest/root
  take_debian_packages "$tools/debian-newest" "$(newest_suite)" \
    python3.14 python3.14-venv python3.14-dev libstdc++6 mosquitto || return 1
  if [[ -e $top/patched ]]; then return; fi
  use_own_libraries "$top" "$top/usr/bin/python3.14"
  use_own_libraries "$top" "$top/usr/sbin/mosquitto"
  # Wheels that carry their own search path would otherwise pick the machine's older library.
  "$tools/bootstrap/bin/patchelf" --add-needed libstdc++.so.6 "$top/usr/bin/python3.14"
  # Debian's pyconfig.h includes <triplet/python3.14/pyconfig.h>, which is not on a compiler's path here.
  local triplet
  for triplet in "$top"/usr/include/*-linux-gnu*; do
    mkdir -p "$top/usr/include/python3.14/$(basename "$triplet")"
    ln -sfn "$triplet/python3.14" "$top/usr/include/python3.14/$(basename "$triplet")/python3.14"
  done
  touch "$top/patched"
}
