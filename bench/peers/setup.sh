#!/usr/bin/env bash
# Installs the peers that the scripts of this folder run, into bench/peers/venv: bench/peers/setup.sh [torch]
# Their index is that of the pip configuration; for torch set PIP_INDEX_URL to one of builds without CUDA.
set -euo pipefail
cd "$(dirname "$0")"
[ -x venv/bin/python ] || python3 -m venv venv
if [ "${1:-trees}" = torch ]; then venv/bin/pip install --quiet torch numpy
else venv/bin/pip install --quiet scikit-learn lightgbm numpy; fi
venv/bin/pip list --format=freeze | grep -iE '^(scikit-learn|lightgbm|torch|numpy)=='
