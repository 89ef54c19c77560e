#!/usr/bin/env bash
# What the paper trades came to, in plain words: report.sh [NAME] (default: the bot without a name)
# Needs the ledger of live-paper.sh; with labels (label.sh) also what models were worth. Leaves
# report.html, or NAME-report.html.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
SLUICE_HOME=$(sluice config --where); export SLUICE_HOME
bot=${1:+$1-} ledger=$SLUICE_HOME/ledger/${1:-paper}.ndjson
[ -e "$ledger" ] || { echo "report.sh: no $ledger yet; run live-paper.sh" >&2; exit 4; }
set -- --format plain --html "$SLUICE_HOME/${bot}report.html" "$ledger"
[ -d "$SLUICE_HOME/journal/${bot}decisions-labels" ] || exec sluice report "$@"
sluice discover --source journal "${bot}decisions-labels" --quiet | sluice report --labels - "$@"
