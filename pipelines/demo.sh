#!/usr/bin/env bash
# Learn from two simulated days, then trade three others on paper. Nothing leaves this machine.
set -euo pipefail
export SLUICE_HOME=${1:-demo}; d=$SLUICE_HOME; mkdir -p "$d"; rm -rf "$d"/{models,moon,rug,*.ndjson}
say() { printf '\n%s\n' "$*"; }
say '1/4  two days of a simulated market: features, and what came of them'
discover --source sim --seed past --days 2 --quiet | features --sets pool --quiet | label --with features --horizons n10,h1 --quiet > "$d/past.ndjson"
say '2/4  two models learn from them: will the next snapshots rise 15 %, will the hour end in a rug'
for m in moon:n10:willMoon rug:h1:rug; do IFS=: read -r kind horizon label <<< "$m"; train-export --horizons "$horizon" --out "$d/$kind" --quiet < "$d/past.ndjson"; sluice train "$d/$kind" --kind "$kind" --label "$label" --out "$d/models/$kind/demo" > "$d/$kind/metrics.ndjson" 2> "$d/$kind/train.log"; sluice models --models "$d/models" promote "$kind@demo" > "$d/$kind/promote.log"; done
say '3/4  three other days: discover | features | strategy | predict | gate | execute'
discover --source sim --seed future --days 3 --quiet | features --sets pool --quiet | strategy --quiet | predict --models "$d/models" --quiet | gate --quiet | tee "$d/decisions.ndjson" | execute --quiet > "$d/trades.ndjson"
say '4/4  what came of it, on paper, after costs'; label --horizons n10,h1 --with prediction --quiet < "$d/decisions.ndjson" > "$d/labels.ndjson"
sluice report --format text "$d/trades.ndjson"; . "$(dirname "$0")/demo-calibration.sh"
