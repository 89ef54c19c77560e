#!/usr/bin/env bash
# Show pipelines, lag, disk, models, drift, positions and alerts: status.sh [flags of status]. Needs nothing, leaves nothing.
set -euo pipefail
sluice status "$@"
