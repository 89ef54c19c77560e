#!/usr/bin/env bash
# Watch the market for four minutes, for cron: features go to the journal snapshots. Arguments go to discover (default: --source live).
set -euo pipefail
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
[ $# -gt 0 ] || set -- --source live --state "$SLUICE_HOME/collect-live" --watch home
seen=$({ timeout "${COLLECT_TIME:-4m}" discover --quiet "$@" || { code=$?; [ $code -eq 124 ] || exit $code; }; } |
  features --state "$SLUICE_HOME/collect" --quiet | journal snapshots --quiet | { predict --quiet || cat; } |
  sluice sampler --labels snapshots-labels --quiet |
  { grep -m1 -c -v '"kind":"tick"' || true; cat > /dev/null; })
[ "$seen" -gt 0 ] || { echo 'collect.sh: nothing was seen' >&2; exit 4; }
