#!/usr/bin/env bash
# Train the two models of the demo by their recipes on the past in its folder, and put them into
# production: run by demo.sh.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
d=${SLUICE_HOME:?the folder of a demo}
recipe() { sluice models recipe "$@"; }
for m in moon rug; do
  sluice train-export --horizons "$(recipe $m horizons)" --out "$d/$m" --quiet < "$d/past.ndjson"
  sluice train "$d/$m" --kind "$(recipe $m kind)" --label "$(recipe $m label)" \
    --set "$(recipe $m set)" --algo "$(recipe $m algo)" --out "$d/models/$m/demo" \
    > "$d/$m/metrics.ndjson" 2> "$d/$m/train.log"
  sluice models --models "$d/models" promote "$m@demo" > "$d/$m/promote.log"
done
