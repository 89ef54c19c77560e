#!/usr/bin/env bash
# Teach the online models from what label has said in the last two days: learn.sh [JOURNAL [MODEL…]] (default: decisions moon rug)
set -euo pipefail
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
name=${1:-decisions}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- moon rug
[ -d "$SLUICE_HOME/journal/$name-labels" ] || { echo "learn.sh: no labels of $name in $SLUICE_HOME yet; run label.sh $name" >&2; exit 4; }
for model in "$@"; do
  [ -e "$SLUICE_HOME/models/$model/aliases.json" ] || { echo "learn.sh: no model $model in $SLUICE_HOME" >&2; continue; }
  # What was learned before is passed over.
  discover --source journal "$name-labels" --from "${LEARN_FROM:-$(date -u -d '2 days ago' +%F)}" --quiet | sluice models learn "$model" -
done
