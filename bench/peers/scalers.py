"""Writes the small scikit-learn files of test/lib/model/import/sklearn/: scalers as joblib and
pickle dump them, models as skl2onnx exports them, and what scikit-learn says with them:
scalers.py DIR. Needs scikit-learn, joblib, skl2onnx (setup.sh).
"""

import json
import os
import pickle
import sys

import joblib
import numpy as np
import sklearn
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(1)
x = rng.normal(size=(80, 3)) * [2.0, 0.5, 30.0] + [10.0, -2.0, 5.0]
y = (x[:, 0] + 2 * x[:, 1] + rng.normal(size=80) > 6).astype(int)


def fitted(kind):
    scaler = kind().fit(x)
    # What fitting on a data frame leaves behind: an array of objects.
    scaler.feature_names_in_ = np.array(
        ["priceChange1", "priceChange3", "volumeSpike"], dtype=object
    )
    return scaler


standard, robust, minmax = fitted(StandardScaler), RobustScaler().fit(x), MinMaxScaler().fit(x)
path = lambda name: os.path.join(out, name)
joblib.dump(standard, path("standard.joblib"))
joblib.dump(robust, path("robust-zlib.joblib"), compress=("zlib", 3))
joblib.dump(minmax, path("minmax-gzip.joblib"), compress=("gzip", 3))
joblib.dump(standard, path("standard-xz.joblib"), compress=("xz", 3))
joblib.dump({"candles": robust, "context": standard}, path("scalers.pkl"))
joblib.dump({f"f{k}": StandardScaler().fit(x[:, k : k + 1]) for k in range(3)}, path("each.joblib"))
with open(path("standard.pkl"), "wb") as file:
    pickle.dump(StandardScaler().fit(x), file)


class Evil:
    def __reduce__(self):
        return (os.system, ("touch pwned",))


joblib.dump({"scaler": standard, "x": Evil()}, path("evil.joblib"))
inputs = [("X", FloatTensorType([None, 3]))]
scaled = standard.transform(x)
logistic = LogisticRegression().fit(scaled, y)
forest = RandomForestClassifier(n_estimators=3, max_depth=3, random_state=1).fit(scaled, y)
for name, model in (("logistic", logistic), ("forest", forest)):
    made = convert_sklearn(
        model, initial_types=inputs, options={id(model): {"zipmap": False}}, target_opset=17
    )
    with open(path(f"{name}.onnx"), "wb") as file:
        file.write(made.SerializeToString())
zipped = convert_sklearn(logistic, initial_types=inputs, target_opset=17)
with open(path("zipmap.onnx"), "wb") as file:
    file.write(zipped.SerializeToString())
rows = x[:4].astype(np.float32)
scaler_of = lambda scaler: scaler.transform(rows.astype(float)).tolist()
expected = {
    "versions": {
        "scikit-learn": sklearn.__version__,
        "joblib": joblib.__version__,
        "numpy": np.__version__,
    },
    "rows": rows.astype(float).tolist(),
    "scaled": {
        "standard": scaler_of(standard),
        "robust": scaler_of(robust),
        "minmax": scaler_of(minmax),
    },
    "p": {
        name: model.predict_proba(standard.transform(rows))[:, 1].tolist()
        for name, model in (("logistic", logistic), ("forest", forest))
    },
}
with open(path("expected.json"), "w") as file:
    json.dump(expected, file, indent=1)
    file.write("\n")
