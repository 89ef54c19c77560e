#!/usr/bin/env bash
# Train the first version of each model by its recipe and put it into production by hand, without
# its trial: first-model.sh [MODEL…] (default: moon rug outcome)
# Needs labels (collect.sh or live-paper.sh, then label.sh), a day or more of them. Leaves a version
# and its export. Exit 4: rows are missing for one of them, which is said.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
[ $# -gt 0 ] || set -- moon rug outcome
code=0
for model in "$@"; do
  dir=$SLUICE_HOME/models/$model
  ! grep -qs production "$dir/aliases.json" ||
    { echo "first-model.sh: there is a model $model already; retrain.sh makes the next" >&2 &&
      continue; }
  sluice retrain "$model" --now || { code=$?; continue; }
  version=$(cd "$dir" && ls -d -- *.*/ | tail -1)
  sluice models promote "$model@${version%/}" --reason 'first model' || code=$?
done
exit $code
