#!/usr/bin/env bash
# Watch the market for four minutes, for cron: features go to the journal snapshots. Arguments go to discover (default: --source live).
set -euo pipefail
export SLUICE_HOME=${SLUICE_HOME:-data}
[ $# -gt 0 ] || set -- --source live --state "$SLUICE_HOME/collect-live.json"
{ timeout "${COLLECT_TIME:-4m}" discover --quiet "$@" || { code=$?; [ $code -eq 124 ] || exit $code; }; } |
  features --state "$SLUICE_HOME/collect" --quiet | journal snapshots --quiet | sluice sampler --quiet > /dev/null
