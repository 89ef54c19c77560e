"""Trains one peer on rows that bench/peers/trees.ts or peer.ts wrote: trees.py MODEL DIR ROWS
COLUMNS -> one JSON line.
"""

import json
import os
import sys
import time

model, folder, rows, columns = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "2"
# Threads that spin while they wait make a shared machine look slow.
os.environ["OMP_WAIT_POLICY"] = "passive"

import numpy as np  # noqa: E402


def read(name, kind):
    return np.fromfile(os.path.join(folder, name), dtype=kind)


x = read("x.f32", "<f4").reshape(columns, -1).T
y = read("y.f64", "<f8").astype(int)
x, y, later, truth = (
    np.ascontiguousarray(x[:rows]),
    y[:rows],
    np.ascontiguousarray(x[rows:]),
    y[rows:],
)


def build():
    if model == "lightgbm":
        import lightgbm

        return (
            lightgbm.LGBMClassifier(
                n_estimators=100,
                num_leaves=31,
                learning_rate=0.1,
                min_child_samples=20,
                n_jobs=2,
                verbose=-1,
            ),
            lightgbm.__version__,
        )
    import sklearn
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

    if model == "hgb":
        return (
            HistGradientBoostingClassifier(early_stopping=False, random_state=1),
            sklearn.__version__,
        )
    return (
        RandomForestClassifier(n_estimators=100, min_samples_leaf=20, n_jobs=2, random_state=1),
        sklearn.__version__,
    )


made, version = build()
started = time.perf_counter()
made.fit(x, y)
seconds = time.perf_counter() - started
from sklearn.metrics import roc_auc_score  # noqa: E402

said = made.predict_proba(later)[:, 1]
said.astype("<f8").tofile(os.path.join(folder, "p.f64"))
auc = roc_auc_score(truth, said)
print(json.dumps({"model": model, "version": version, "seconds": seconds, "auc": auc}))
