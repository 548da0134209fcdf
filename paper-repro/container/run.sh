#!/bin/sh
# From an empty Debian to a checked reproduction. Each word is a step; without words all but the optional ones run, in this order:
#
#   packages    Debian packages: a C linker, curl, git                            needs the network and root
#   toolchain   rustup with the Rust version of Cargo.toml                        needs the network
#   fetch       every crate of the lock file                                      needs the network
#   quick       a first look: every chapter, few sizes
#   repro       every figure, table and verdict
#   check       computes all rows again, and compares them with the tables that are there
#   extras      optional: packages for all checks (a browser, Slurm, valgrind, Python)   needs the network and root
#   ci          optional: every check of the project; after extras none of them is left out
#
# It works in a container (Containerfile beside it), in a chroot made by
#   debootstrap --variant=minbase stable ROOT
# and on any Debian. Every step says how long it took.
set -eu
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

packages() {
  apt-get update -qq
  apt-get install --yes -qq --no-install-recommends ca-certificates curl gcc git libc6-dev >/dev/null
}

# The version that the workspace asks for at least, so that the tested compiler is the one that is named.
toolchain() {
  version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
  if ! command -v rustup >/dev/null; then
    # The installer of https://rustup.rs, from the server that the toolchain comes from; in a file, so that a failure of curl is one.
    installer=$(mktemp)
    curl --proto '=https' --tlsv1.2 --fail --silent --show-error --output "$installer" \
      https://static.rust-lang.org/rustup/rustup-init.sh
    sh "$installer" -y --quiet --no-modify-path --profile minimal --default-toolchain none
    rm "$installer"
  fi
  rustup toolchain install "$version" --no-self-update --profile minimal --component clippy --component rustfmt
  rustup default "$version"
}

fetch() { cargo fetch --locked; }

quick() { offline xtask repro --quick; }

repro() { offline xtask repro; }

check() { offline xtask repro --check; }

# The versions of Debian, as the lock file fixes those of Rust.
extras() {
  apt-get update -qq
  apt-get install --yes -qq --no-install-recommends chromium munge python3 python3-venv slurm-client slurmctld slurmd \
    valgrind >/dev/null
}

# What extras installed is obligatory, what is not there is left out with a word.
ci() {
  if command -v chromium >/dev/null; then export ASYMSCALE_BROWSER=required; fi
  if command -v sbatch >/dev/null; then export ASYMSCALE_SLURM=required; fi
  if command -v valgrind >/dev/null; then export ASYMSCALE_VALGRIND=required; fi
  offline xtask ci
}

# Cargo without network, so that nothing else than what was fetched can be used.
offline() { CARGO_NET_OFFLINE=true cargo "$@"; }

[ "$#" -gt 0 ] || set -- packages toolchain fetch repro check
for step in "$@"; do
  case "$step" in
    packages | toolchain | fetch | quick | repro | check | extras | ci) ;;
    *)
      echo "step = $step: must be one of packages, toolchain, fetch, quick, repro, check, extras, ci" >&2
      exit 2
      ;;
  esac
done
for step in "$@"; do
  echo "== $step"
  begun=$(date +%s)
  "$step"
  echo "== $step: done in $(($(date +%s) - begun)) s"
done
