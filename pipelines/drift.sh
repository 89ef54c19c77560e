#!/usr/bin/env bash
# Load what is new and compare the last whole day with what the models were trained on. Exit 1:
# something drifted; 4: too few tokens.
# Needs models in production and an hour of lines. Leaves rows of ml_drift_reports.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
sluice sync > /dev/null
sluice drift --check "$@"
