#!/usr/bin/env bash
# Load what is new, export the labelled rows and retrain where it is due: retrain.sh
# [MODEL:HORIZON…] (default: those that are there of moon:n10 rug:h1 outcome:h1)
# Needs models in production (first-model.sh) and new labels. Leaves versions on trial, in
# production or retired; says which and why.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
mkdir -p "$SLUICE_HOME"; exec 9> "$SLUICE_HOME/.retrain.flock"
flock -n 9 || { echo 'retrain.sh: another one runs' >&2; exit 4; }
there() { [ -e "$SLUICE_HOME/models/${1%%:*}/aliases.json" ]; }
[ $# -gt 0 ] || for each in moon:n10 rug:h1 outcome:h1; do ! there "$each" ||
  set -- "$@" "$each"; done
sluice sync > /dev/null
code=0
for each in "${@:-moon:n10}"; do
  model=${each%%:*} horizon=${each#*:}
  there "$model" ||
    { echo "retrain.sh: no model $model in $SLUICE_HOME yet; run first-model.sh" >&2 &&
      code=4 && continue; }
  sluice query "from training_lines where label->>'horizon' = '$horizon'" |
    sluice train-export --horizons "$horizon" ${EXPORT:-} --out "$SLUICE_HOME/export-$model" \
      --quiet &&
    sluice retrain "$model" "$SLUICE_HOME/export-$model" ${RETRAIN:---if-due} || code=$?
done
exit $code
