#!/usr/bin/env bash
# Show pipelines, lag, disk, models, drift, positions and alerts: status.sh [flags of status]. Needs
# nothing, leaves nothing.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
sluice status "$@"
