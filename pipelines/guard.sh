#!/usr/bin/env bash
# Guard the models in production and judge those on trial, in seconds: guard.sh [MODEL…] [flags of
# retrain] (default: all that have a version)
# Needs labels (label.sh). Leaves rows of promotions and alerts: a model that turned bad goes back
# to the version before, or out; one that was shown to be better goes into production.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
sluice retrain --guard "$@"
