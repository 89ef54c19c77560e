#!/usr/bin/env bash
# Why gate refused, and how far the probabilities of the demo were right: what was said beside what happened, on the traded days.
set -euo pipefail
d=${SLUICE_HOME:-demo}
printf 'Lines that gate dropped, by rule\n'
sluice query --file "$d/decisions.ndjson" "select rule, count(*) as lines from (select unnest(decision.reasons) as rule from input where decision.act = 'drop') group by 1 order by 2 desc"
for m in moon:n10:willMoon rug:h1:rug; do
  IFS=: read -r kind horizon label <<< "$m"
  sluice query --file "$d/labels.ndjson" "select mint, prediction.$kind.p as $kind, label.$label::int as label from input where label.horizon = '$horizon' and not label.censored and prediction.$kind.p is not null" > "$d/$kind.ndjson"
  sluice evaluate "$d/$kind.ndjson" --prob "$kind" --group mint --format text
done
printf '\nLook next at:\n  %s\n  %s\n  %s\n' "$d/decisions.ndjson  every line with prediction and decision, and why: jq .decision" \
  "$d/trades.ndjson     orders, fills and positions" "$d/models/*/demo/CARD.md  what each model learned from, and how good it is"
