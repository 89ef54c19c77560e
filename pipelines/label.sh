#!/usr/bin/env bash
# Say what came of the lines of journals, from where the last run stood: label.sh [JOURNAL
# [--follow]] (default: snapshots and decisions)
# Needs such a journal. Leaves the journal JOURNAL-labels.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
there=(); for each in "${1-snapshots}" "${1-decisions}"; do
  [ ! -d "$SLUICE_HOME/journal/$each" ] || there=("$each" "${there[@]}"); done
[ ${#there[@]} -gt 0 ] ||
  { echo "label.sh: no journal ${1:-snapshots or decisions} in $SLUICE_HOME yet" >&2; exit 4; }
[ $# -gt 0 ] || { for each in "${there[@]}"; do "$0" "$each"; done; exit; }
name=$1; shift
# A day before that point is replayed to find what is still pending; labels that are written are not
# written twice.
sluice discover --source journal "$name" --after "$name-labels" --warm 25h --quiet "$@" |
  sluice label --each-kind --with features,prediction,decision --quiet |
    sluice journal "$name-labels" --quiet > /dev/null
