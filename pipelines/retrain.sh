#!/usr/bin/env bash
# Load what is new, export the labelled rows and retrain where it is due: retrain.sh
# [MODEL:HORIZON…] (default: moon:n10)
# Needs models in production (first-model.sh) and new labels. Leaves versions on trial, in
# production or retired; says which and why.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
mkdir -p "$SLUICE_HOME"; exec 9> "$SLUICE_HOME/.retrain.flock"
flock -n 9 || { echo 'retrain.sh: another one runs' >&2; exit 4; }
[ $# -gt 0 ] || set -- moon:n10
sluice sync > /dev/null
for each in "$@"; do
  model=${each%%:*} horizon=${each#*:}
  [ -e "$SLUICE_HOME/models/$model/aliases.json" ] ||
    { echo "retrain.sh: no model $model in $SLUICE_HOME yet; run first-model.sh" >&2; exit 4; }
  sluice query --time-limit 1h "from training_lines where label->>'horizon' = '$horizon'" |
    sluice train-export --horizons "$horizon" --out "$SLUICE_HOME/export-$model" --quiet
  sluice retrain "$model" "$SLUICE_HOME/export-$model" ${RETRAIN:---if-due}
done
