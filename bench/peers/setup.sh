#!/usr/bin/env bash
# Installs the peers that the scripts of this folder run, into bench/peers/venv:
# bench/peers/setup.sh [torch|indicators|backtest]
# Their index is that of the pip configuration; for torch set PIP_INDEX_URL to one of builds
# without CUDA.
set -euo pipefail
cd "$(dirname "$0")"
[ -x venv/bin/python ] || python3 -m venv venv
case ${1:-trees} in
  torch) peers=(torch numpy) ;;
  indicators) peers=(TA-Lib==0.8.2 pandas==3.1.1 numpy==2.4.6 river==0.26.1) ;;
  backtest) peers=(backtesting vectorbt pandas pyarrow) ;;
  *) peers=(scikit-learn lightgbm numpy) ;;
esac
venv/bin/pip install --quiet "${peers[@]}"
venv/bin/pip list --format=freeze |
  grep -iE '^(scikit-learn|lightgbm|torch|numpy|ta-lib|pandas|river|backtesting|vectorbt)=='
