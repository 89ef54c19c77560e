"""Writes the files of test/lib/model/import/trees: small models of LightGBM, XGBoost and CatBoost,
and what their own programs say of the same rows: tree-models.py DIR ROWS. Needs lightgbm,
xgboost, catboost, pandas.
"""

import sys, json, base64, warnings, os
import numpy as np, pandas as pd, lightgbm as lgb, xgboost as xgb, catboost as cb

warnings.filterwarnings("ignore")
out = sys.argv[1]
n = int(sys.argv[2])
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(5)


def data(n):
    X = rng.normal(size=(n, 6)) * [1, 10, 1e4, 0.01, 1, 1]
    X[:, 4] = rng.integers(0, 12, n)
    X[:, 5] = np.where(rng.random(n) < 0.3, 0, X[:, 5])
    X[rng.random((n, 6)) < 0.08] = np.nan
    return X.astype(np.float32)


T, P = data(3000), data(n)
P[:3] = [[0, 0, 0, 0, 0, 0], [-1, 1e-36, 0, 0, -1, -1e-36], [1, 2, 3, 4, 99, 1e-30]]
s = (
    np.nan_to_num(T[:, 0])
    + np.nan_to_num(T[:, 1]) / 10
    + (np.nan_to_num(T[:, 4]) % 3 == 1)
    + np.nan_to_num(T[:, 5])
    + rng.normal(size=3000) * 0.5
)
y = (s > 0.4).astype(int)
y3 = np.digitize(s, [-0.5, 0.8])
files = {}


def put(name, p):
    files[name] = np.asarray(p, dtype=float).reshape(n, -1).tolist()


D = lambda y, **k: lgb.Dataset(T.astype(float), y, **k)
base = dict(verbose=-1, num_leaves=15, num_threads=1, min_data_in_leaf=10, seed=1)


def L(name, params, y, rounds=6, cat=[4], **k):
    m = lgb.train({**base, **params}, D(y, categorical_feature=cat), rounds)
    m.save_model(f"{out}/{name}")
    put(name, m.predict(P.astype(float)))


L("lgb-binary.txt", dict(objective="binary"), y)
L("lgb-zero.txt", dict(objective="binary", zero_as_missing=True), y, cat=[])
L("lgb-nomiss.txt", dict(objective="regression", use_missing=False), s)
L("lgb-multi.txt", dict(objective="multiclass", num_class=3), y3, rounds=5)
L(
    "lgb-rf.txt",
    dict(objective="binary", boosting="rf", bagging_fraction=0.6, bagging_freq=1, sigmoid=1.7),
    y,
    rounds=6,
)
L("lgb-poisson.txt", dict(objective="poisson"), np.exp(s / 2), rounds=6)
ft = ["q"] * 4 + ["c"] + ["q"]
dm = lambda X, y=None: xgb.DMatrix(X, y, feature_types=ft, enable_categorical=True)


def G(name, params, y, rounds=6):
    m = xgb.train(
        {"max_depth": 4, "nthread": 1, "seed": 1, "max_cat_to_onehot": 4, **params},
        dm(T, y),
        rounds,
    )
    m.save_model(f"{out}/{name}")
    q = P.copy()
    q[2, 4] = 11
    q[1, 4] = 0
    put(name, m.predict(dm(q)))


T4 = T[:, 4].copy()
G("xgb-binary.json", dict(objective="binary:logistic"), y)
G("xgb-binary.ubj", dict(objective="binary:logistic", base_score=0.3), y)
G("xgb-reg.json", dict(objective="reg:squarederror"), s)
G("xgb-multi.json", dict(objective="multi:softprob", num_class=3), y3, 5)
G("xgb-dart.json", dict(objective="binary:logistic", booster="dart", rate_drop=0.5), y, 8)
G("xgb-poisson.json", dict(objective="count:poisson"), np.exp(s / 2), 6)


def K(name, m, y, proba):
    m.fit(T, y)
    m.save_model(f"{out}/{name}", format="json")
    put(name, (m.predict_proba(P)[:, :] if proba else m.predict(P)))


kw = dict(
    iterations=6, depth=3, verbose=0, allow_writing_files=False, thread_count=1, random_seed=1
)
K("cat-binary.json", cb.CatBoostClassifier(**kw), y, True)
K(
    "cat-words.json",
    cb.CatBoostClassifier(**kw, nan_mode="Max"),
    np.where(y > 0, "PUMP", "RUG"),
    True,
)
K("cat-reg.json", cb.CatBoostRegressor(**kw), s, False)
K("cat-multi.json", cb.CatBoostClassifier(**{**kw, "iterations": 4}), y3, True)
K("cat-lossguide.json", cb.CatBoostClassifier(**kw, grow_policy="Lossguide"), y, True)


def coded(rows):
    d = pd.DataFrame(rows)
    d[4] = d[4].fillna(-1).astype(int)
    return d


def KC(name, **more):
    """Categories: NaN is −1, as CatBoost knows no unknown one."""
    m = cb.CatBoostClassifier(**{**kw, **more}).fit(coded(T), y, cat_features=[4])
    m.save_model(f"{out}/{name}", format="json", pool=cb.Pool(coded(T), y, cat_features=[4]))
    put(name, m.predict_proba(coded(P)))


KC("cat-categories.json")
KC("cat-onehot.json", one_hot_max_size=20, grow_policy="Depthwise", depth=5, border_count=6)
json.dump(
    {"rows": base64.b64encode(P.tobytes()).decode(), "width": 6, "files": files},
    open(f"{out}/expected.json", "w"),
)

# Categories of pandas, in words and in numbers, with rows of that table.
words = ["raydium", "orca", "meteora dlmm", "pump"]
rng = np.random.default_rng(2)
venue = rng.choice(words, 600)
a = np.float32(rng.normal(size=600)).astype(float)
tier = rng.choice([10, 20, -30], 600)
a[rng.random(600) < 0.1] = np.nan
push = np.where(venue == "pump", 2, np.where(venue == "orca", -1, 0)) + (tier == 20) * 2.0
won = (np.nan_to_num(a) + push + rng.normal(size=600) > 0.5).astype(int)
table = pd.DataFrame({"a": a, "venue": pd.Categorical(venue), "tier": pd.Categorical(tier)})
few = dict(min_data_per_group=5, cat_smooth=1, num_leaves=6, max_cat_to_onehot=1)
light = lgb.train(dict(objective="binary", verbose=-1, **few), lgb.Dataset(table, won), 4)
text = light.model_to_string()
text = text[: text.index("\nparameters:")] + "\n" + text[text.index("\npandas_categorical") :]
extreme = xgb.train(
    dict(objective="binary:logistic", max_depth=3),
    xgb.DMatrix(table, won, enable_categorical=True),
    3,
)
rows = table.iloc[:40]
said = extreme.predict(xgb.DMatrix(rows, enable_categorical=True))
json.dump(
    {
        "made": f"lightgbm {lgb.__version__}, xgboost {xgb.__version__}, pandas {pd.__version__}",
        "rows": [
            [None if np.isnan(x) else x, str(v), int(t)] for x, v, t in rows.itertuples(index=False)
        ],
        "lightgbm": {"model": text, "p": light.predict(rows).tolist()},
        "xgboost": {
            "model": json.loads(extreme.save_raw("json")),
            "p": [float(x) for x in said],
        },
    },
    open(f"{out}/pandas.json", "w"),
)
