#!/usr/bin/env bash
# Watch the market for four minutes, for cron: features go to the journal snapshots. Arguments go to
# discover (default: --source live).
# Needs a network (or --source sim --state DIR). Leaves the journal snapshots, the state of features
# and discover, watch.ndjson.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
[ $# -gt 0 ] || set -- --source live --state "$SLUICE_HOME/collect-live" --watch home
seen=$({ timeout "${COLLECT_TIME:-4m}" sluice discover --quiet "$@" ||
  { code=$?; [ $code -eq 124 ] || exit $code; }; } |
  sluice features --state "$SLUICE_HOME/collect" --quiet | sluice journal snapshots --quiet |
    { sluice predict --quiet || cat; } |
  sluice sampler --labels snapshots-labels --quiet |
  { grep -m1 -c -v '"kind":"tick"' || true; cat > /dev/null; })
[ "$seen" -gt 0 ] || { echo 'collect.sh: nothing was seen' >&2; exit 4; }
