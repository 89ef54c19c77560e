#!/usr/bin/env bash
# Train the two models of the demo on the past in its folder, and put them into production: run by
# demo.sh.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
d=${SLUICE_HOME:?the folder of a demo}
for m in moon:n10:willMoon rug:h1:rug; do
  IFS=: read -r kind horizon label <<< "$m"
  sluice train-export --horizons "$horizon" --out "$d/$kind" --quiet < "$d/past.ndjson"
  sluice train "$d/$kind" --kind "$kind" --label "$label" --out "$d/models/$kind/demo" \
    > "$d/$kind/metrics.ndjson" 2> "$d/$kind/train.log"
  sluice models --models "$d/models" promote "$kind@demo" > "$d/$kind/promote.log"
done
