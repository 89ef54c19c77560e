#!/usr/bin/env bash
# Installs the peers that the scripts of this folder run, into bench/peers/venv: bench/peers/setup.sh [torch|indicators|backtest]
# Their index is that of the pip configuration; for torch set PIP_INDEX_URL to one of builds without CUDA.
set -euo pipefail
cd "$(dirname "$0")"
[ -x venv/bin/python ] || python3 -m venv venv
if [ "${1:-trees}" = torch ]; then venv/bin/pip install --quiet torch numpy
elif [ "${1:-trees}" = indicators ]; then venv/bin/pip install --quiet TA-Lib==0.8.2 pandas==3.1.1 numpy==2.4.6 river==0.26.1
elif [ "${1:-trees}" = backtest ]; then venv/bin/pip install --quiet backtesting vectorbt pandas pyarrow
else venv/bin/pip install --quiet scikit-learn lightgbm numpy; fi
venv/bin/pip list --format=freeze | grep -iE '^(scikit-learn|lightgbm|torch|numpy|ta-lib|pandas|river|backtesting|vectorbt)=='
