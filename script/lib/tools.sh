# shellcheck shell=bash
# Programs that tests run beside Python: Mosquitto (two generations), libfaketime, and coturn.

link_tool() { mkdir -p "$tools/bin" && ln -sfn "$1" "$tools/bin/$2"; }

# Mosquitto is taken privately even where one is installed: tests run on both generations.
install_tools() {
  local top=$tools/debian-machine/root
  if ! can_take_debian_packages; then
    command -v mosquitto >/dev/null || [[ -x /usr/sbin/mosquitto ]] || warn "Mosquitto is missing: install it for the tests"
    warn "libfaketime and a second Mosquitto are only taken on Debian and Ubuntu: tests that need them say so"
    return
  fi
  rm -f "$tools/bin/mosquitto" "$tools/bin/mosquitto-2.0"
  if take_newest_packages; then
    link_tool "$tools/debian-newest/root/usr/sbin/mosquitto" mosquitto
  else
    warn "no Mosquitto 2.1 from $(newest_suite): tests run on the machine's generation alone"
  fi
  # libfaketime from the machine's own suite: its libc is the oldest in play, so it loads into every process.
  if take_debian_packages "$tools/debian-machine" "$(machine_suite)" mosquitto libfaketime; then
    if [[ ! -e $top/patched ]]; then
      use_own_libraries "$top" "$top/usr/sbin/mosquitto"
      touch "$top/patched"
    fi
    if [[ ! -x $tools/bin/mosquitto ]]; then link_tool "$top/usr/sbin/mosquitto" mosquitto; fi
    case $(broker_version "$top/usr/sbin/mosquitto") in
      2.0.*) link_tool "$top/usr/sbin/mosquitto" mosquitto-2.0 ;;
      *) warn "$(machine_suite) offers no Mosquitto 2.0: tests run on the newest alone" ;;
    esac
    mkdir -p "$tools/lib"
    ln -sfn "$(dirname "$(find "$top/usr/lib" -name libfaketime.so.1 | head -n 1)")" "$tools/lib/faketime"
  else
    warn "no libfaketime and no second Mosquitto: tests that need them say so"
  fi
  if [[ -x $tools/bin/mosquitto ]]; then say "Mosquitto $(broker_version "$tools/bin/mosquitto") in .tools/bin"; fi
}

broker_version() { "$1" -h 2>/dev/null | sed -n 's/^mosquitto version //p'; }

# coturn in a folder of its own: nothing else waits for it, and nothing else is lost without it.
install_turn_server() {
  local top=$tools/debian-turn/root
  rm -f "$tools/bin/turnserver"
  if can_take_debian_packages && take_debian_packages "$tools/debian-turn" "$(machine_suite)" coturn; then
    if [[ ! -e $top/patched ]]; then
      use_own_libraries "$top" "$top/usr/bin/turnserver"
      touch "$top/patched"
    fi
    link_tool "$top/usr/bin/turnserver" turnserver
    say "coturn $("$tools/bin/turnserver" --version 2>/dev/null | tail -n 1) in .tools/bin"
  elif ! command -v turnserver >/dev/null; then
    warn "no coturn: tests of relays skip and say so; install the package coturn for them"
  fi
}
