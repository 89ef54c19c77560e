#!/usr/bin/env bash
# Teach the online models from the last two days of labels, by their own time: learn.sh [--follow]
# [JOURNAL [MODEL…]] (default: decisions moon rug); with --follow also from labels as they come, as
# label.sh JOURNAL --follow writes them, until stopped
# Needs JOURNAL-labels (label.sh) and models in production (first-model.sh). Leaves an online model
# beside each.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
[ "${1-}" != --follow ] || { shift; exec "$(dirname "$(readlink -f "$0")")/learn-follow.sh" "$@"; }
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
name=${1:-decisions}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- moon rug
[ -d "$SLUICE_HOME/journal/$name-labels" ] ||
  { echo "learn.sh: no labels of $name in $SLUICE_HOME yet; run label.sh $name" >&2; exit 4; }
for model in "$@"; do
  [ -e "$SLUICE_HOME/models/$model/aliases.json" ] ||
    { echo "learn.sh: no model $model in $SLUICE_HOME" >&2; continue; }
  # What was learned before is passed over.
  sluice discover --source journal "$name-labels" --from "${LEARN_FROM:-2d}" --quiet |
    sluice models learn "$model" -
done
