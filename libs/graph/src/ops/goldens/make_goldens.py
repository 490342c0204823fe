"""Writes the goldens of libs/graph from PyTorch in float64.   python make_goldens.py   (torch 2.x)"""
import json
import math
import os

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_default_dtype(torch.float64)
torch.manual_seed(0)


def flat(t):
    return [float(f"{x:.17g}") for x in t.detach().reshape(-1).tolist()]


def write(name, value):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")


def case(op, inputs, y, attributes=None, constants=()):
    """One operator: inputs (and constants after them), dy (random), y and the gradients of sum(y * dy)."""
    dy = torch.randn_like(y)
    wanted = [t for t in inputs if t.requires_grad]
    grads = iter(torch.autograd.grad(y, wanted, dy))
    return dict(
        op=op, attributes=attributes or {},
        inputs=[dict(dtype="float32" if t.is_floating_point() else "int64", shape=list(t.shape), data=flat(t.double())) for t in inputs]
        + [dict(dtype="int64", shape=list(t.shape), data=t.reshape(-1).tolist(), constant=True) for t in constants],
        y=dict(shape=list(y.shape), data=flat(y)), dy=flat(dy),
        gradients=[flat(next(grads)) if t.requires_grad else None for t in inputs] + [None for _ in constants],
    )


def v(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).requires_grad_()


def operators():
    cases = []
    x = v(3, 5, scale=2.0)
    for op, f in {
        "Gelu": F.gelu, "FastGelu": lambda t: F.gelu(t, approximate="tanh"), "Sigmoid": torch.sigmoid, "Tanh": torch.tanh,
        "Erf": torch.erf, "Softplus": F.softplus, "Exp": torch.exp, "Relu": torch.relu,
    }.items():
        cases.append(case(op, [x], f(x)))
    cases.append(case("QuickGelu", [x], F.silu(x), {"alpha": 1}))
    for op, f in {"Softmax": torch.softmax, "LogSoftmax": torch.log_softmax}.items():
        x = v(2, 3, 4, scale=3.0)
        cases.append(case(op, [x], f(x, -1), {"axis": -1}))
    x, scale, bias = v(2, 3, 8), v(8), v(8)
    cases.append(case("LayerNormalization", [x, scale, bias], F.layer_norm(x, (8,), scale, bias, 1e-12), {"epsilon": 1e-12}))
    cases.append(case("SimplifiedLayerNormalization", [x, scale], F.rms_norm(x, (8,), scale, 1e-5), {"epsilon": 1e-5}))
    x, w = v(2, 3, 4), v(5, 4)
    cases.append(case("FusedMatMul", [x, w], F.linear(x, w), {"transB": 1}))
    q, k = v(2, 2, 3, 4), v(2, 2, 5, 4)
    cases.append(case("FusedMatMul", [q, k], q @ k.transpose(-1, -2) / math.sqrt(4), {"transB": 1, "alpha": 0.5}))
    table, ids = v(6, 3), torch.tensor([[0, 5, 5], [2, 0, 0]])
    cases.append(case("Gather", [table, ids], F.embedding(ids, table)))
    # Llama's rotary embedding (transformers: rotate_half), [batch, heads, sequence, d] with positions 0, 1, …
    x, d, s = v(2, 2, 3, 8), 8, 3
    angles = torch.arange(s)[:, None] * 100.0 ** (-torch.arange(0, d, 2) / d)[None]
    cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
    turned = torch.cat([-x[..., d // 2:], x[..., : d // 2]], -1)
    cases.append(case("RotaryEmbedding", [x, torch.zeros(1, dtype=torch.long), angles.cos(), angles.sin()], x * cos + turned * sin))
    write("operators.json", cases)


def further_operators():
    torch.manual_seed(1)
    cases = []
    x, last = v(2, 3, 4, scale=2.0), torch.tensor([-1])
    cases.append(case("CumSum", [x], x.cumsum(-1), constants=[torch.tensor(-1)]))
    cases.append(case("TopK", [x], x.topk(2, -1).values, constants=[torch.tensor([2])]))
    cases.append(case("Elu", [x], F.elu(x, 0.7), {"alpha": 0.7}))
    cases.append(case("LeakyRelu", [x], F.leaky_relu(x, 0.2), {"alpha": 0.2}))
    cases.append(case("ReduceL2", [x], x.norm(dim=-1, keepdim=True), {"keepdims": 1}, [last]))
    cases.append(case("ReduceLogSumExp", [x], x.logsumexp(-1), {"keepdims": 0}, [last]))
    cases.append(case("ReduceMin", [x], x.amin(-1), {"keepdims": 0}, [last]))
    cases.append(case("Trilu", [x], x.tril(1), {"upper": 0}, [torch.tensor(1)]))
    for op, f in {"Floor": torch.floor, "Ceil": torch.ceil, "Round": torch.round}.items():
        cases.append(case(op, [x], f(x)))
    a, b = v(2, 3, scale=5.0), v(3)
    cases.append(case("Mod", [a, b], torch.fmod(a, b), {"fmod": 1}))
    # DeBERTa's disentangled attention: each query reads the scores of its own relative positions.
    scores, at = v(2, 4, 7), torch.tensor([[[3, 4, 5, 6], [2, 3, 4, 5], [1, 2, 3, 4], [0, 1, 2, 3]]]).expand(2, 4, 4)
    cases.append(case("GatherElements", [scores, at], scores.gather(-1, at), {"axis": -1}))
    write("further-operators.json", cases)


def cross_entropy():
    logits, labels = v(5, 7, scale=4.0), torch.tensor([0, 6, 3, 3, 1])
    loss = F.cross_entropy(logits, labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, logits)
    write("cross-entropy.json", dict(shape=[5, 7], logits=flat(logits), labels=labels.tolist(), loss=loss.item(), gradient=flat(gradient)))


# The recorded goldens come after these draws.
for _ in range(6):
    torch.randn(6)
operators()
cross_entropy()
further_operators()
