#!/usr/bin/env bash
# Trade recordings again with today's models and settings, and judge it: backtest.sh [FILE…]
# (default: the journal events, or that of EVENTS)
# Needs recordings: NDJSON, price tables, or the journal of live-paper.sh. Leaves nothing; the
# report is printed.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
line='features | strategy | predict | gate | execute'
if [ $# -eq 0 ]; then sluice backtest --write report --quiet \
  "discover --source journal ${EVENTS:-events} | $line"
else sluice backtest --write report --quiet --on "$(IFS=,; echo "$*")" "$line"; fi
