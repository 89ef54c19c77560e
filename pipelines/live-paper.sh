#!/usr/bin/env bash
# Watch the market and trade on paper; what was seen and decided survives a crash. Arguments go to discover (default: --source live).
set -euo pipefail
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
[ $# -gt 0 ] || set -- --source live
watch='discover --quiet "$@" | journal events --quiet > /dev/null'
trade='discover --source journal events --follow --after decisions --warm 9h --quiet | features --quiet | strategy --quiet |
  predict --quiet | gate --quiet | journal decisions --quiet | execute --ledger home --quiet | journal trades --quiet > /dev/null'
set -m # Groups of their own: a signal to this one reaches them once, by the trap.
trap 'exit 143' TERM; trap 'exit 130' INT; trap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT
sluice keep --name watch -- bash -o pipefail -c "$watch" watch "$@" &
sluice keep --name trade -- bash -o pipefail -c "$trade" &
# The first that fails ends both, with its code.
wait -n
wait -n
