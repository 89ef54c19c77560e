#!/usr/bin/env bash
# Teach the online models as labels come, until stopped: learn-follow.sh [JOURNAL [MODEL…]]
# (default: decisions moon rug), which learn.sh --follow is
# Needs and leaves what learn.sh does, and label.sh JOURNAL --follow beside it.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
set -m # Groups of their own, each of which is ended as a whole.
trap 'exit 143' TERM; trap 'exit 130' INT
trap 'for job in $(jobs -p); do kill -- "-$job" 2> /dev/null || true; done' EXIT
name=${1:-decisions}; [ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- moon rug
[ -d "$SLUICE_HOME/journal/$name-labels" ] ||
  { echo "learn.sh: no labels of $name in $SLUICE_HOME yet; run label.sh $name" >&2; exit 4; }
for model in "$@"; do
  [ -e "$SLUICE_HOME/models/$model/aliases.json" ] ||
    { echo "learn.sh: no model $model in $SLUICE_HOME" >&2; continue; }
  sluice discover --source journal "$name-labels" --from "${LEARN_FROM:-2d}" --quiet --follow |
    sluice models learn "$model" - --follow &
done
# The first that ends says why, as once another version is in production.
[ -z "$(jobs -p)" ] || wait -n
