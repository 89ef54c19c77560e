"""Writes the files of test/lib/model/import/torch into the folder it runs in: a network of three
inputs and three heads as both exporters of PyTorch (2.15) write it, the scalers it was fed
through, and rows with what PyTorch says of them. Needs torch, onnxscript, scikit-learn. The
data file of dynamo-ext.onnx keeps its name.
"""

import sys, json, pickle, warnings
import numpy as np, torch, torch.nn as nn
from sklearn.preprocessing import RobustScaler, StandardScaler, MinMaxScaler

warnings.filterwarnings("ignore")
torch.manual_seed(3)


class Net(nn.Module):
    def __init__(s, rows=60, nc=4, ni=6, h=8):
        super().__init__()
        s.l = nn.LSTM(5, h, batch_first=True, bidirectional=True)
        s.a = nn.MultiheadAttention(2 * h, 2, batch_first=True)
        s.n = nn.LayerNorm(2 * h)
        s.c = nn.Linear(nc, h)
        s.i = nn.Linear(ni, h)
        s.f = nn.Linear(4 * h, 16)
        s.p = nn.Linear(16, 1)
        s.m = nn.Linear(16, 1)
        s.r = nn.Linear(16, 1)

    def forward(s, candles, context, indicators):
        x, _ = s.l(candles)
        a, _ = s.a(x, x, x)
        x = s.n(x + a).mean(1)
        z = torch.relu(
            s.f(torch.cat([x, torch.relu(s.c(context)), torch.relu(s.i(indicators))], 1))
        )
        return torch.sigmoid(s.p(z)), 100 * torch.tanh(s.m(z)), s.r(z)


net = Net().eval()
rng = np.random.default_rng(1)
N = 16
base = 64000 * np.exp(np.cumsum(rng.normal(size=(N, 60, 1)) * 0.01, 1))
C = np.concatenate(
    [base * (1 + rng.normal(size=(N, 60, 4)) * 0.001), rng.lognormal(5, 1, size=(N, 60, 1))], 2
).astype(np.float32)
X = rng.lognormal(10, 1, size=(N, 4)).astype(np.float32)
I = (
    rng.normal(size=(N, 6)) * [20, 50, 500, 500, 0.02, 10] + [50, 0, 64000, 64000, 0.04, 5]
).astype(np.float32)
cs = RobustScaler(quantile_range=(10, 90)).fit(C.reshape(-1, 5).astype(float))
xs = StandardScaler().fit(X.astype(float))
ii = MinMaxScaler((-1, 1), clip=True).fit(I.astype(float))
sc = {"candle_scaler": cs, "context_scaler": xs, "indicator_scaler": ii}
pickle.dump(sc, open("scalers.pkl", "wb"))
json.dump(
    {
        "candle_scaler": {"center": cs.center_.tolist(), "scale": cs.scale_.tolist()},
        "context_scaler": {"mean": xs.mean_.tolist(), "scale": xs.scale_.tolist()},
        "indicator_scaler": {
            "min": ii.min_.tolist(),
            "scale": ii.scale_.tolist(),
            "feature_range": [-1, 1],
            "clip": True,
        },
    },
    open("scalers.json", "w"),
)
s = (
    lambda k, v: sc[k]
    .transform(v.reshape(-1, v.shape[-1]).astype(float))
    .reshape(v.shape)
    .astype(np.float32)
)
with torch.no_grad():
    out = [
        o.numpy()
        for o in net(
            *map(
                torch.tensor,
                (s("candle_scaler", C), s("context_scaler", X), s("indicator_scaler", I)),
            )
        )
    ]
names = ["win", "gain", "rug"]
np.savez("rows.npz", candles=C, context=X, indicators=I, **dict(zip(names, out)))
np.savez_compressed(
    "rows-packed.npz",
    candles=C.astype(float),
    context=X.astype(float),
    indicators=I,
    **dict(zip(names, out))
)
json.dump(
    {
        "inputs": {"candles": C.tolist(), "context": X.tolist(), "indicators": I.tolist()},
        "outputs": {n: o.ravel().tolist() for n, o in zip(names, out)},
    },
    open("rows.json", "w"),
)
ex = (torch.zeros(2, 60, 5), torch.zeros(2, 4), torch.zeros(2, 6))
one = tuple(t[:1] for t in ex)
inp = ["candles", "context", "indicators"]
ax = {n: {0: "batch"} for n in inp + names}
torch.onnx.export(
    net,
    ex,
    "ts.onnx",
    input_names=inp,
    output_names=names,
    dynamic_axes=ax,
    opset_version=17,
    dynamo=False,
)
torch.onnx.export(
    net, one, "ts-fixed.onnx", input_names=inp, output_names=names, opset_version=17, dynamo=False
)
b = torch.export.Dim("batch")
for ext in (False, True):
    torch.onnx.export(
        net,
        ex,
        "dynamo-ext.onnx" if ext else "dynamo.onnx",
        input_names=inp,
        output_names=names,
        dynamic_shapes=({0: b}, {0: b}, {0: b}),
        dynamo=True,
        external_data=ext,
    )
torch.onnx.export(
    net,
    one,
    "dynamo-fixed.onnx",
    input_names=inp,
    output_names=names,
    dynamo=True,
    external_data=False,
)
