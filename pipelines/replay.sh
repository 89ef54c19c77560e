#!/usr/bin/env bash
# Trade recordings on paper: replay.sh FILE… prints orders, fills and positions. Same files and
# models, same bytes.
# Needs recorded lines. Leaves nothing.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
[ $# -gt 0 ] || { echo 'replay.sh: which recordings? replay.sh FILE…' >&2; exit 2; }
sluice discover --source replay --quiet "$@" | sluice features --quiet | sluice strategy --quiet |
  sluice predict --deterministic --quiet | sluice gate --quiet | sluice execute --quiet
