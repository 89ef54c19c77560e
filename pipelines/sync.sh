#!/usr/bin/env bash
# Load new journal lines into the database: sync.sh [flags of sync]
# Needs journals. Leaves sluice.duckdb and features/; journal days behind the newest two become
# Parquet, those older than 90 days go.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
sluice sync "$@"
