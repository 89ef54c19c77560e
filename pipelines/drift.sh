#!/usr/bin/env bash
# Load what is new and compare the last whole day with what the models were trained on. Exit 1: something drifted; 4: too few tokens.
set -euo pipefail
export SLUICE_HOME=${SLUICE_HOME:-data}
sluice sync > /dev/null
sluice drift --check "$@"
