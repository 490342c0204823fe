"""Goldens of the optimizers, from the implementations that each names.

    pip install torch transformers bitsandbytes lion-pytorch
    python libs/optimizers/goldens/make_goldens.py [NAME...]     (writes optimizers.json next to this script)

With names, only the cases of these optimizers are made; the others stay as they are in the file, and need not be installed.

Twenty steps over parameters of several shapes; initial values and gradients are those of `uniform` here and in the test.
Kept are samples of each parameter after the first and the last step, and the norms that differences are relative to.
"""

import importlib
import json
import pathlib
import sys

import numpy as np
import torch

STEPS = 20
SAMPLES = 24
# A vector, a matrix, a tall one, a wide one, an embedding; over and under 4,096 elements.
PARAMETERS = [
    {"name": "square", "shape": [12, 12], "kind": "kernel", "decayed": True, "lrScale": 1},
    {"name": "tall", "shape": [40, 8], "kind": "kernel", "decayed": True, "lrScale": 1},
    {"name": "wide", "shape": [6, 48], "kind": "kernel", "decayed": True, "lrScale": 4},
    {"name": "large", "shape": [64, 80], "kind": "kernel", "decayed": True, "lrScale": 1},
    {"name": "embedding", "shape": [30, 16], "kind": "embedding", "decayed": True, "lrScale": 1},
    {"name": "norm", "shape": [5000], "kind": "norm", "decayed": False, "lrScale": 1},
    {"name": "bias", "shape": [33], "kind": "bias", "decayed": False, "lrScale": 1},
]


def uniform(seed, count):
    """In [-1, 1): the finaliser of MurmurHash3 of the index, its upper 24 bits."""
    h = np.arange(count, dtype=np.uint32) + np.uint32(seed * 1_000_003 & 0xFFFFFFFF)
    with np.errstate(over="ignore"):
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1


def tensor(seed, shape):
    return torch.tensor(uniform(seed, int(np.prod(shape))).astype(np.float32)).reshape(shape)


def gradient(seed, shape):
    """Of several magnitudes: cubes, and other powers of ten from step to step."""
    x = uniform(seed, int(np.prod(shape)))
    return torch.tensor((x * x * x * 10.0 ** (seed % 3 - 2)).astype(np.float32)).reshape(shape)


def rate(step, initial):
    return initial * (1 - step / 25)


def groups(parameters, weight_decay, lr):
    return [
        {
            "params": [value],
            "weight_decay": weight_decay if p["decayed"] else 0.0,
            "lr": lr * p["lrScale"],
            "scale": p["lrScale"],
        }
        for p, value in parameters
    ]


def run(make, lr, weight_decay):
    parameters = [
        (p, torch.nn.Parameter(tensor(i + 1, p["shape"]))) for i, p in enumerate(PARAMETERS)
    ]
    start = [value.detach().clone() for _, value in parameters]
    optimizers = make(parameters, weight_decay, lr)
    after = {}
    for step in range(STEPS):
        for i, (p, value) in enumerate(parameters):
            value.grad = gradient(100 * (i + 1) + step, p["shape"])
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate(step, lr) * group["scale"]
            optimizer.step()
        if step in (0, STEPS - 1):
            after[step + 1] = [value.detach().clone() for _, value in parameters]
    result = {}
    for i, (p, _) in enumerate(parameters):
        stride = max(1, start[i].numel() // SAMPLES)
        result[p["name"]] = {
            "norm": after[STEPS][i].norm().item(),
            "change": (after[STEPS][i] - start[i]).norm().item(),
            "samples": {step: values[i].flatten()[::stride].tolist() for step, values in after.items()},
        }
    return result


def all_by(cls, **kwargs):
    def make(parameters, weight_decay, lr):
        package, _, name = cls.rpartition(".")
        return [getattr(importlib.import_module(package), name)(groups(parameters, weight_decay, lr), lr=lr, **kwargs)]

    return make


def by_muon(**kwargs):
    def make(parameters, weight_decay, lr):
        kernels = [x for x in parameters if x[0]["kind"] == "kernel"]
        others = [x for x in parameters if x[0]["kind"] != "kernel"]
        return [
            torch.optim.Muon(groups(kernels, weight_decay, lr), lr=lr, **kwargs),
            torch.optim.AdamW(groups(others, weight_decay, lr), lr=lr),
        ]

    return make


CASES = [
    ("adamw", {}, all_by("torch.optim.AdamW"), 1e-2, 0.1),
    ("adamw", {"adamBeta1": 0.8, "adamBeta2": 0.95, "adamEpsilon": 1e-4},
     all_by("torch.optim.AdamW", betas=(0.8, 0.95), eps=1e-4), 1e-2, 0.1),
    ("adam", {}, all_by("torch.optim.Adam"), 1e-2, 0.1),
    ("sgd", {}, all_by("torch.optim.SGD", momentum=0.9), 1e-1, 0.1),
    ("sgd", {"nesterov": True, "momentum": 0.8}, all_by("torch.optim.SGD", momentum=0.8, nesterov=True), 1e-1, 0.1),
    ("sgd", {"momentum": 0}, all_by("torch.optim.SGD"), 1e-1, 0.1),
    ("adafactor", {}, all_by("transformers.Adafactor", scale_parameter=False, relative_step=False), 1e-2, 0.1),
    ("adafactor", {"scaleParameter": True, "clipThreshold": 0.5, "decayRate": -0.7},
     all_by("transformers.Adafactor", scale_parameter=True, relative_step=False, clip_threshold=0.5, decay_rate=-0.7), 1e-2, 0.1),
    ("lion", {}, all_by("lion_pytorch.Lion"), 1e-3, 0.1),
    ("adamw-8bit", {}, all_by("bitsandbytes.optim.AdamW8bit"), 1e-2, 0.1),
    ("muon", {}, by_muon(adjust_lr_fn="match_rms_adamw"), 1e-3, 0.1),
    ("muon", {"nesterov": False, "adjustLrFn": "original", "nsSteps": 4},
     by_muon(nesterov=False, adjust_lr_fn="original", ns_steps=4), 1e-3, 0.1),
    ("muon", {"adjustLrFn": "spectral_unclamped"}, by_muon(adjust_lr_fn="spectral_unclamped"), 1e-3, 0.1),
    ("nadam", {}, all_by("torch.optim.NAdam"), 1e-2, 0.1),
    ("nadam", {"momentumDecay": 0.02, "decoupledWeightDecay": True, "adamBeta1": 0.8},
     all_by("torch.optim.NAdam", momentum_decay=0.02, decoupled_weight_decay=True, betas=(0.8, 0.999)), 1e-2, 0.1),
    ("rmsprop", {}, all_by("torch.optim.RMSprop"), 1e-3, 0.1),
    ("rmsprop", {"centered": True}, all_by("torch.optim.RMSprop", centered=True), 1e-3, 0.1),
    ("rmsprop", {"momentum": 0.9, "rmspropAlpha": 0.95, "rmspropEpsilon": 1e-4, "centered": True},
     all_by("torch.optim.RMSprop", momentum=0.9, alpha=0.95, eps=1e-4, centered=True), 1e-3, 0.1),
    ("adagrad", {}, all_by("torch.optim.Adagrad"), 1e-2, 0.1),
    ("adagrad", {"lrDecay": 0.05, "adagradEpsilon": 1e-6}, all_by("torch.optim.Adagrad", lr_decay=0.05, eps=1e-6), 1e-2, 0),
]

path = pathlib.Path(__file__).parent / "optimizers.json"
wanted = set(sys.argv[1:]) or {name for name, *_ in CASES}
if unknown := wanted - {name for name, *_ in CASES}:
    sys.exit(f"no case of {', '.join(sorted(unknown))} in CASES")
kept = json.loads(path.read_text())["cases"] if sys.argv[1:] else []

torch.set_num_threads(1)
torch.set_printoptions(precision=9)


def case_of(name, settings, make, lr, decay):
    what = {"optimizer": name, "settings": settings, "learningRate": lr, "weightDecay": decay}
    if name in wanted:
        return what | {"after": run(make, lr, decay)}
    return next(case for case in kept if {key: case[key] for key in what} == what)


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: rounded(x) for key, x in value.items()}
    return [rounded(x) for x in value] if isinstance(value, list) else value


cases = [case_of(*case) for case in CASES]
text = json.dumps(rounded({"steps": STEPS, "parameters": PARAMETERS, "cases": cases}), separators=(",", ":"))
path.write_text(text + "\n")
