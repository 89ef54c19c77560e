#!/usr/bin/env bash
# Judge the features and labels of a journal of labels, a line per column: quality.sh [JOURNAL]
# (default: decisions)
# Needs JOURNAL-labels (label.sh). Leaves the journal quality, from which sync makes
# ml_data_quality_metrics.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
name=${1:-decisions}
[ -d "$SLUICE_HOME/journal/$name-labels" ] ||
  { echo "quality.sh: no labels of $name in $SLUICE_HOME yet; run label.sh $name" >&2; exit 4; }
sluice discover --source journal "$name-labels" --from "${QUALITY_FROM:-2d}" --quiet |
  sluice quality --summary --quiet | sluice journal quality --quiet
