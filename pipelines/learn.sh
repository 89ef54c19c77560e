#!/usr/bin/env bash
# Teach the online models from the last two days of labels, by their own time: learn.sh [--follow]
# [JOURNAL [MODEL…]] (default: decisions moon rug); with --follow also from labels as they come, as
# label.sh JOURNAL --follow writes them, until stopped
# Needs JOURNAL-labels (label.sh) and models in production (first-model.sh). Leaves an online model
# beside each.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
follow=()
if [ "${1-}" = --follow ]; then
  follow=(--follow); shift
  set -m # Groups of their own, each of which is ended as a whole.
  trap 'exit 143' TERM; trap 'exit 130' INT
  trap 'for job in $(jobs -p); do kill -- "-$job" 2> /dev/null || true; done' EXIT
fi
name=${1:-decisions}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- moon rug
[ -d "$SLUICE_HOME/journal/$name-labels" ] ||
  { echo "learn.sh: no labels of $name in $SLUICE_HOME yet; run label.sh $name" >&2; exit 4; }
# What was learned before is passed over.
learn() {
  sluice discover --source journal "$name-labels" --from "${LEARN_FROM:-2d}" --quiet \
    "${follow[@]}" | sluice models learn "$1" - "${follow[@]}"
}
for model in "$@"; do
  [ -e "$SLUICE_HOME/models/$model/aliases.json" ] ||
    { echo "learn.sh: no model $model in $SLUICE_HOME" >&2; continue; }
  if [ ${#follow[@]} -gt 0 ]; then learn "$model" & else learn "$model"; fi
done
# The first that ends says why, as once another version is in production.
[ ${#follow[@]} -eq 0 ] || [ -z "$(jobs -p)" ] || wait -n
