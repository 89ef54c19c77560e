#!/usr/bin/env bash
# Train the first version of each model whose labels are there and put it into production:
# first-model.sh [MODEL:HORIZON:LABEL…] (default: moon:n10:willMoon rug:h1:rug outcome:h1:outcome)
# Needs labels (collect.sh or live-paper.sh, then label.sh), a day or more of them. Leaves
# models/MODEL/1, export-MODEL and the database. Exit 4: there are no labels for one of them.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
[ $# -gt 0 ] || set -- moon:n10:willMoon rug:h1:rug outcome:h1:outcome
sluice sync > /dev/null
code=0
for each in "$@"; do
  IFS=: read -r model horizon label <<< "$each"
  [ ! -e "$SLUICE_HOME/models/$model/aliases.json" ] ||
    { echo "first-model.sh: there is a model $model already; retrain.sh makes the next" >&2 &&
      continue; }
  rows=$(sluice query "select count(*) filter ((label->>'horizon') = '$horizon' and
    (label->>'$label') is not null) as n, count(*) as all from training_lines" | tr -dc 0-9,)
  [ "${rows%,*}" -gt 0 ] ||
    { echo "first-model.sh: $model: 0 of ${rows#*,} labelled rows say $label at $horizon" >&2 &&
      code=4 && continue; }
  sluice query "from training_lines where label->>'horizon' = '$horizon'" |
    sluice train-export --horizons "$horizon" --out "$SLUICE_HOME/export-$model" --quiet &&
    sluice train "$SLUICE_HOME/export-$model" --kind "$model" --label "$label" \
      --out "$SLUICE_HOME/models/$model/1" &&
    sluice models promote "$model@1" --reason 'first model' || code=$?
done
exit $code
