#!/usr/bin/env bash
# Load what is new and compare the last whole day with what the models were trained on. Exit 1: something drifted; 4: too few tokens.
set -euo pipefail
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
sluice sync > /dev/null
sluice drift --check "$@"
