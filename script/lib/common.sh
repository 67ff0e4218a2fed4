# shellcheck shell=bash
# What every script shares: where the checkout is, how to speak, and where packages come from.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034  # not every script has a use for it
tools=$root/.tools

say() { printf '==> %s\n' "$*"; }
warn() { printf '!!! %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# A number for the content of files; a stamp that holds it says "made from exactly these".
digest() { cat -- "$@" | cksum | tr ' ' '-'; }

# uv does not read pip's configuration: pass on the mirror and the certificates that pip would use.
package_index_from_pip() {
  local index certificates
  if [[ -z ${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-} ]]; then
    index=${PIP_INDEX_URL:-$(pip_setting index-url)}
    if [[ -n $index ]]; then export UV_DEFAULT_INDEX=$index; fi
  fi
  if [[ -z ${SSL_CERT_FILE:-} ]]; then
    certificates=${PIP_CERT:-$(pip_setting cert)}
    if [[ -n $certificates ]]; then export SSL_CERT_FILE=$certificates; fi
  fi
}

pip_setting() {
  { python3 -m pip config get "global.$1" || python3 -m pip config get "install.$1"; } 2>/dev/null || true
}
