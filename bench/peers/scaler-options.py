"""Scalers and models of scikit-learn with every option, and what scikit-learn says with them.

Run with an environment that has scikit-learn and skl2onnx; writes into
test/lib/model/import/sklearn.
"""

import base64, json, pathlib, pickle, sys, warnings
import numpy as np
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import OneClassSVM
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType

warnings.filterwarnings("ignore")
OUT = pathlib.Path(__file__).resolve().parents[2] / "test/lib/model/import/sklearn"
rng = np.random.default_rng(7)
X = rng.normal(size=(200, 3)) * [3.0, 0.01, 4000.0] + [50.0, 0.02, 90000.0]
probe = np.vstack([X[:6], X[:2] * 3])  # beyond what was seen, so that clip shows
made = {
    "standard without mean": StandardScaler(with_mean=False),
    "standard without std": StandardScaler(with_std=False),
    "standard without either": StandardScaler(with_mean=False, with_std=False),
    "robust without centering": RobustScaler(with_centering=False),
    "robust without scaling": RobustScaler(with_scaling=False),
    "robust, wide quantiles": RobustScaler(quantile_range=(5.0, 95.0)),
    "robust, unit variance": RobustScaler(unit_variance=True),
    "minmax, other range": MinMaxScaler(feature_range=(-1, 1)),
    "minmax, clipped": MinMaxScaler(feature_range=(0, 2), clip=True),
    "maxabs": MaxAbsScaler(),
}
probe = probe.astype(np.float32).astype(float)  # what a graph is fed
cases = []
for name, scaler in made.items():
    scaler.fit(X)
    text = base64.b64encode(pickle.dumps(scaler)).decode()
    cases.append({"name": name, "pickle": text, "scaled": scaler.transform(probe).tolist()})
(OUT / "options.json").write_text(json.dumps({"rows": probe.tolist(), "cases": cases}) + "\n")

Z = StandardScaler().fit_transform(X)
words = np.where(Z[:, 0] + Z[:, 1] > 0, "PUMP", "RUG")
forest = RandomForestClassifier(3, max_depth=3, random_state=0).fit(Z, words)
said = {"rows": Z[:8].tolist(), "classes": forest.classes_.tolist()}
said["p"] = forest.predict_proba(Z[:8].astype(np.float32)).tolist()


def write(name, model, options, kind=None):
    types = [("X", kind)] if kind else None
    first = None if types else Z[:1].astype(np.float32)
    onx = to_onnx(
        model,
        first,
        initial_types=types,
        options={id(model): options} if options else None,
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    (OUT / name).write_bytes(onx.SerializeToString())


write("words.onnx", forest, {"zipmap": False})
write("words-zipmap.onnx", forest, None)
logistic = LogisticRegression().fit(Z, words == "PUMP")
said["double"] = logistic.predict_proba(Z[:8]).tolist()
write(
    "double.onnx",
    LogisticRegression().fit(Z, (words == "PUMP").astype(int)),
    {"zipmap": False},
    DoubleTensorType([None, 3]),
)
write("one-class-svm.onnx", OneClassSVM(max_iter=5).fit(Z[:20]), None)
write(
    "isolation.onnx", IsolationForest(n_estimators=2, max_samples=8, random_state=0).fit(Z), None
)
(OUT / "words.json").write_text(json.dumps(said) + "\n")
