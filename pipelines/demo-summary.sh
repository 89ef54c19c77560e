#!/usr/bin/env bash
# What came of the demo: details to report.html and calibration.txt, a summary in plain words to
# stdout: demo-summary.sh in a demo’s folder.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
d=${SLUICE_HOME:?the folder of a demo}
for kind in moon rug; do
  horizon=$(sluice models recipe $kind horizons) label=$(sluice models recipe $kind label)
  sluice query --file "$d/labels.ndjson.gz" "select mint, prediction.$kind.p as $kind,
    label.$label::int as label from input where label.horizon = '$horizon'
    and not label.censored and prediction.$kind.p is not null" > "$d/$kind.ndjson"
  sluice evaluate "$d/$kind.ndjson" --prob "$kind" --group mint --format text
done > "$d/calibration.txt"
sluice report --format plain --html "$d/report.html" --labels "$d/labels.ndjson.gz" \
  "$d/trades.ndjson"
printf '  %s\n' "$d/calibration.txt  what models said, and what happened" \
  "$d/models/*/demo/CARD.md  what each model learned from"
