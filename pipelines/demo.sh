#!/usr/bin/env bash
# Learn from two simulated days, trade three others on paper, say in plain words what came of it:
# demo.sh [FOLDER]. Nothing leaves this machine.
set -euo pipefail
# The commands of this package come first.
PATH=$(dirname "$(readlink -f "$0")")/../dist/bin:$PATH
d=${1:-demo}; [ ! -e "$d" ] || [ -e "$d/.demo" ] ||
  { echo "demo.sh: $d is there and no demo; name another folder" >&2; exit 2; }
rm -rf "$d"; mkdir -p "$d"; touch "$d/.demo"; d=$(cd "$d" && pwd); export SLUICE_HOME=$d
echo "A simulated market, on paper: at most a minute on two cores," \
  "80 MB of disk meanwhile, 15 MB left in $d" >&2
step() { [ ! -t 2 ] || printf '%3d s  %s\n' "$SECONDS" "$*" >&2; }
step '1/4  two days of a simulated market: features, and what came of them' &&
  horizons=$(sluice models recipe moon horizons),$(sluice models recipe rug horizons)
sluice run --quiet 'discover --source sim --seed past --days 2 | features --sets pool |
  label --with features --horizons '"$horizons" > "$d/past.ndjson"
step '2/4  two models learn: will the next snapshots rise 15 %, will the hour end in a rug'
. "$(dirname "$0")/demo-learn.sh"; rm "$d/past.ndjson"
step '3/4  three other days: discover | features | strategy | predict | gate | execute'
future='discover --source sim --seed future --days 3 | features --sets pool | strategy |
  predict | gate'
{ sluice run --quiet "$future" | tee /dev/fd/3 | sluice execute --quiet > "$d/trades.ndjson"
} 3>&1 |
  sluice label --horizons "$horizons" --with prediction,decision --quiet |
  gzip -1 > "$d/labels.ndjson.gz"
step '4/4  what came of it, after costs'; . "$(dirname "$0")/demo-summary.sh"
