"""Ten steps of a network in PyTorch on weights and rows that bench/peers/networks.ts wrote:
networks.py DIR THREADS -> one JSON line.
"""

import json
import os
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
with open(os.path.join(folder, "network.json")) as file:
    spec = json.load(file)
flat = np.fromfile(os.path.join(folder, "P.f32"), dtype="<f4")
start, at = {}, 0
for name, shape in spec["parameters"]:
    size = int(np.prod(shape))
    start[name] = torch.from_numpy(flat[at : at + size].reshape(shape).copy())
    at += size


def read(name, shape):
    return torch.from_numpy(
        np.fromfile(os.path.join(folder, name + ".f32"), dtype="<f4").reshape(shape)
    )


def gates(tensor, hidden):
    """Our gates i f o g in the order of torch, i f g o, along the last axis."""
    i, f, o, g = tensor.split(hidden, dim=-1)
    return torch.cat([i, f, g, o], dim=-1)


class Lstm(nn.Module):
    def __init__(self, name, directions):
        super().__init__()
        width, hidden = (
            start[f"{name}.{directions[0]}.W"].shape[0],
            start[f"{name}.{directions[0]}.R"].shape[0],
        )
        self.net = nn.LSTM(width, hidden, bidirectional=len(directions) == 2)
        for direction in directions:
            tail = "_reverse" if direction == "b" else ""
            with torch.no_grad():
                getattr(self.net, f"weight_ih_l0{tail}").copy_(
                    gates(start[f"{name}.{direction}.W"], hidden).T
                )
                getattr(self.net, f"weight_hh_l0{tail}").copy_(
                    gates(start[f"{name}.{direction}.R"], hidden).T
                )
                getattr(self.net, f"bias_ih_l0{tail}").copy_(
                    gates(start[f"{name}.{direction}.b"], hidden)
                )
                getattr(self.net, f"bias_hh_l0{tail}").zero_()
            # Torch has two biases where one is enough.
            getattr(self.net, f"bias_hh_l0{tail}").requires_grad_(False)

    def forward(self, x):
        return self.net(x)[0]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        lstms = sorted({name.split(".")[0] for name in start if name.endswith(".R")})
        both = {lstm: [d for d in "fb" if f"{lstm}.{d}.R" in start] for lstm in lstms}
        self.lstm = nn.ModuleDict(
            {lstm: Lstm(lstm, directions) for lstm, directions in both.items()}
        )
        rest = [name for name in start if name.split(".")[0] not in lstms]
        self.own = nn.ParameterDict(
            {name.replace(".", "_"): nn.Parameter(start[name].clone()) for name in rest}
        )

    def dense(self, x, name):
        return x @ self.own[f"{name}_W".replace(".", "_")] + self.own[f"{name}_b".replace(".", "_")]

    def norm(self, x, name):
        return F.layer_norm(
            x, x.shape[-1:], self.own[f"{name}_gain"], self.own[f"{name}_bias"], 1e-5
        )

    def attend(self, x, heads):
        batch, steps, width = x.shape
        q, k, v = (
            part.reshape(batch, steps, heads, width // heads).transpose(1, 2)
            for part in self.dense(x, "attention.in").split(width, dim=-1)
        )
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, steps, width)
        return self.dense(mixed, "attention.out")

    def forward(self, window, table=None):
        x = window.transpose(0, 1)
        if table is None:
            return self.dense(F.relu(self.dense(self.lstm["memory"](x)[-1], "dense")), "heads")
        if "positions" in start:
            deep = self.dense(window, "project") + self.own["positions"]
        else:
            first = self.norm(self.lstm["first"](x), "between")
            deep = (self.lstm["second"](first) + self.dense(first, "residual")).transpose(0, 1)
        steps = self.norm(deep, "before")
        mixed = self.norm(steps + self.attend(steps, spec["heads"]), "after")
        joined = torch.cat(
            [mixed.mean(1), mixed[:, -1], F.relu(self.dense(table, "branch"))], dim=-1
        )
        return self.dense(F.relu(self.dense(joined, "dense")), "heads")


net = Net()
inputs = [read(name, shape) for name, shape in spec["inputs"]]
y, weight = read("y", spec["labels"]), read("weight", spec["labels"])
binary = torch.tensor([[kind == "binary" for kind in spec["kinds"]]])
groups = [
    [p for p in net.parameters() if p.requires_grad and (p.ndim > 1) == many]
    for many in (True, False)
]
adam = torch.optim.AdamW(
    [
        {"params": groups[0], "weight_decay": spec["weightDecay"]},
        {"params": groups[1], "weight_decay": 0.0},
    ],
    lr=spec["learningRate"],
)
losses, times = [], []
for _ in range(spec["steps"]):
    started = time.perf_counter()
    z = net(*inputs)
    each = torch.where(
        binary,
        F.binary_cross_entropy_with_logits(z, y, reduction="none"),
        F.huber_loss(z, y, reduction="none", delta=1.0),
    )
    loss = (each * weight).sum()
    adam.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(groups[0] + groups[1], 1.0)
    adam.step()
    times.append(1000 * (time.perf_counter() - started))
    losses.append(loss.item())
times.sort()
blas = [line for line in torch.__config__.show().split("\n") if "BLAS" in line or "MKL" in line][:1]
print(
    json.dumps(
        {
            "version": torch.__version__,
            "ms": times[len(times) // 2],
            "fastest": times[0],
            "losses": losses,
            "blas": blas,
        }
    )
)
