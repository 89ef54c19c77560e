#!/usr/bin/env bash
# Say what came of the lines of a journal (default: decisions), from where the last run stood: label.sh [JOURNAL [--follow]]
set -euo pipefail
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
name=${1:-decisions}
[ $# -eq 0 ] || shift
[ -d "$SLUICE_HOME/journal/$name" ] || { echo "label.sh: no journal $name in $SLUICE_HOME yet" >&2; exit 4; }
# A day before that point is replayed to find what is still pending; labels that are written are not written twice.
discover --source journal "$name" --after "$name-labels" --warm 25h --quiet "$@" | label --with features,prediction --quiet |
  journal "$name-labels" --quiet > /dev/null
