#!/bin/sh
# Installs a released AnonChat for one user, after its checksum was found to be right.
#
# Usage: install.sh [--from ADDRESS] [--to FOLDER] [--dry-run]
#
# ADDRESS is where SHA256SUMS and the archives are: https://… or file://…; a copy of this script that
# comes with a release knows it. FOLDER gets bin/anonchat and share/man; default: ~/.local
# With --dry-run it says what it would do. What is there already is replaced.
set -eu

from=
to=${HOME:-}/.local
dry_run=

main() {
  arguments "$@"
  temporary=$(mktemp -d)
  trap 'rm -rf "$temporary"' EXIT
  cd "$temporary"

  fetch SHA256SUMS
  archive=$(choose) || give_up "there is no archive for $(uname -sm) at $from"
  fetch "$archive"
  verify "$archive"
  if [ -n "$dry_run" ]; then
    echo "$archive is as its checksum says; it would go to $to"
    return
  fi
  tar -xzf "$archive"
  place "${archive%.tar.gz}"
}

arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --from | --to)
        [ $# -ge 2 ] || give_up "$1 wants a value"
        if [ "$1" = --from ]; then from=$2; else to=$2; fi
        shift 2
        ;;
      --dry-run)
        dry_run=yes
        shift
        ;;
      *)
        sed -n '/^# Usage/,/^set/{/^#/!q; s/^# \{0,1\}//; p;}' "$0" >&2
        exit 2
        ;;
    esac
  done
  case $from in
    https://* | file://*) ;;
    *) give_up 'say where the release is: --from https://…' ;;
  esac
}

# The name of the archive for this machine: one that needs no libraries, if there is one.
choose() {
  case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) return 1 ;;
  esac
  case $(uname -s) in
    Linux) systems='unknown-linux-musl unknown-linux-gnu' ;;
    Darwin) systems=apple-darwin ;;
    *) return 1 ;;
  esac
  for system in $systems; do
    if sed -n 's/^[0-9a-f]*  //p' SHA256SUMS | grep -E "^anonchat-[0-9A-Za-z.+-]*-$machine-$system\.tar\.gz$"; then
      return
    fi
  done
  return 1
}

# Gets one file of the release.
fetch() {
  if command -v curl > /dev/null; then
    curl --fail --silent --show-error --location --output "$1" "$from/$1" || give_up "cannot get $from/$1"
  elif command -v wget > /dev/null; then
    wget --quiet --output-document "$1" "$from/$1" || give_up "cannot get $from/$1"
  else
    give_up 'curl or wget is needed'
  fi
}

# Whether a file is the one that the list of checksums has.
verify() {
  grep "  $1\$" SHA256SUMS > expected
  if command -v sha256sum > /dev/null; then
    sha256sum -c expected > /dev/null 2>&1 || tampered "$1"
  elif command -v shasum > /dev/null; then
    shasum -a 256 -c expected > /dev/null 2>&1 || tampered "$1"
  else
    give_up 'sha256sum or shasum is needed: nothing is installed that was not checked'
  fi
}

place() {
  if ! mkdir -p "$to/bin" "$to/share/man/man1" 2> /dev/null || ! [ -w "$to/bin" ]; then
    give_up "cannot write to $to: run it as who may, or say --to FOLDER. Nothing was installed"
  fi
  # By its name at once: a server that runs keeps the file it was started from.
  cp "$1/anonchat" "$to/bin/.anonchat.new"
  chmod 755 "$to/bin/.anonchat.new"
  mv "$to/bin/.anonchat.new" "$to/bin/anonchat"
  cp "$1"/man/*.1 "$to/share/man/man1/"
  echo "installed: $to/bin/anonchat ($("$to/bin/anonchat" version))"
  case :$PATH: in
    *":$to/bin:"*) ;;
    *) echo "$to/bin is not in PATH: log in anew, or add it" ;;
  esac
}

tampered() {
  give_up "$1 is not what SHA256SUMS says. Nothing was installed. Try again; if it stays so, tell the authors"
}

give_up() {
  echo "install.sh: $1" >&2
  exit 1
}

main "$@"
