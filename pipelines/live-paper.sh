#!/usr/bin/env bash
# Watch the market and trade on paper until stopped; a crash costs nothing: live-paper.sh [NAME]
# [flags of discover] (default: --source live)
# Leaves the journals events, decisions and trades and ledger/paper.ndjson; with a NAME NAME-events
# … and ledger/NAME.ndjson: a bot of its own.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
bot='' ledger=home
case ${1:--} in -*) ;; *) bot=$1- ledger=$SLUICE_HOME/ledger/$1.ndjson; shift ;; esac
[ $# -gt 0 ] || set -- --source live --state "$SLUICE_HOME/${bot}live"
watch='sluice discover --quiet "$@" | sluice journal "${0}events" --quiet > /dev/null'
trade='sluice discover --source journal "${0}events" --follow --after "${0}decisions" \
  --warm 9h --quiet |
  sluice features --quiet | sluice strategy --quiet | sluice predict --quiet | sluice gate --quiet |
  sluice journal "${0}decisions" --quiet | sluice execute --ledger "$1" --quiet |
  sluice journal "${0}trades" --quiet > /dev/null'
set -m # Groups of their own: a signal to this one reaches them once, by the trap.
# A half that is only just being forked hears nothing yet: it is given a moment to be there.
trap 'exit 143' TERM; trap 'exit 130' INT
trap 'sleep 0.5; kill $(jobs -p) 2> /dev/null || true; wait' EXIT
sluice keep --parent $$ --name "${bot}watch" -- bash -o pipefail -c "$watch" "$bot" "$@" &
sluice keep --parent $$ --name "${bot}trade" -- bash -o pipefail -c "$trade" "$bot" "$ledger" &
wait -n; wait -n # The first that fails ends both, with its code.
