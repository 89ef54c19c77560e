#!/usr/bin/env bash
# Trains two tables of ../shared/data, as examples that ship nowhere: one sorts whole lives of
# pools afterwards, the other ranks little better than chance two days later.
# bench/train-tables.sh OUT
# Beside them it trains scikit-learn and LightGBM on the same rows, for the cards:
# bench/peers/setup.sh installs them.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:?where to put them} work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run="node --import tsx" sluice="node --import tsx cmd/main.ts"
$run bench/data/solrpds.ts >"$work/solrpds.ndjson"
rug=("$work/solrpds.ndjson" --label rug --time ts --group mint --disjoint
  --kind rug --set solrpds --algo forest --trees 150 --min-leaf 10)
$run bench/peers/tables.ts "${rug[@]}" >"$work/rug.json"
$sluice train "${rug[@]}" --peers "$work/rug.json" \
  --note "SolRPDS 2022 (CC BY 4.0; Alhaidari et al., CODASPY 2025): whole-life liquidity figures \
of pools, known only afterwards. It sorts histories, it does not foresee a rug; amounts are in \
tokens, not dollars; its label Inactive is not every kind of fraud. The share of rugs falls \
from 36 % to 16 % within the file: its probabilities are too high on later pools, only its \
order means something." \
  --out "$work/models/rug-solrpds/2022.1"
$run bench/data/memecoin-entries.ts | $sluice features --sets tabular --every 0 --quiet |
  jq -c '{ts, mint, values: .features.tabular.values, label: {profitable: .label.profitable}}' \
    >"$work/entry.ndjson"
entry=("$work/entry.ndjson" --label profitable --time ts --group mint --disjoint
  --horizon 1h --kind sequence --set tabular --algo logistic)
$run bench/peers/tables.ts "${entry[@]}" >"$work/entry.json"
$sluice train "${entry[@]}" --peers "$work/entry.json" --folds 3 \
  --note "2,415 paper entries of one bot in August 2026, chosen by its own rules, exits included \
in the label: not a sample of tokens. The share of wins moved from 36 % to 57 % between two weeks, \
so its probabilities need recalibration before any use." \
  --out "$work/models/entry/2026-08-18.1"
mkdir -p "$out" && cp -R "$work/models/." "$out"
