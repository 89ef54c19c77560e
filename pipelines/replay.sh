#!/usr/bin/env bash
# Trade recordings on paper: replay.sh FILE… prints orders, fills and positions. Same files and models, same bytes.
set -euo pipefail
[ $# -gt 0 ] || { echo 'replay.sh: which recordings? replay.sh FILE…' >&2; exit 2; }
discover --source replay --quiet "$@" | features --quiet | strategy --quiet | predict --deterministic --quiet | gate --quiet | execute --quiet
