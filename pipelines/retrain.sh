#!/usr/bin/env bash
# Load what is new, and train, try, promote or take back what is due: retrain.sh [MODEL…] (default:
# all that have a recipe, models/NAME/recipe.json)
# Needs labels (label.sh). Leaves versions on trial, in production or retired; says which and why.
# Exit 4: rows are missing, which is said, or another one runs.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
mkdir -p "$SLUICE_HOME"; exec 9> "$SLUICE_HOME/.retrain.flock"
flock -n 9 || { echo 'retrain.sh: another one runs' >&2; exit 4; }
read -ra how <<< "${RETRAIN:---if-due}"
sluice retrain "$@" "${how[@]}"
