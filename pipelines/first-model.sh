#!/usr/bin/env bash
# Train the first version of each model and put it into production: first-model.sh
# [MODEL:HORIZON:LABEL…] (default: moon:n10:willMoon)
# Needs labels (collect.sh or live-paper.sh, then label.sh), a day or more of them. Leaves
# models/MODEL/1, export-MODEL and the database.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
[ $# -gt 0 ] || set -- moon:n10:willMoon
sluice sync > /dev/null
for each in "$@"; do
  IFS=: read -r model horizon label <<< "$each"
  [ ! -e "$SLUICE_HOME/models/$model/aliases.json" ] ||
    { echo "first-model.sh: there is a model $model already; retrain.sh makes the next" >&2
      continue; }
  sluice query --time-limit 1h "from training_lines where label->>'horizon' = '$horizon'" |
    sluice train-export --horizons "$horizon" --out "$SLUICE_HOME/export-$model" --quiet
  sluice train "$SLUICE_HOME/export-$model" --kind "$model" --label "$label" \
    --out "$SLUICE_HOME/models/$model/1"
  sluice models promote "$model@1" --reason 'first model'
done
