"""Goldens of the learning rate schedules, from transformers' get_scheduler.

    python libs/optimizers/goldens/make_schedules.py     (writes schedules.json next to this script)

The rate of every optimizer step as the Hugging Face Trainer uses it: before scheduler.step(). ReduceLROnPlateau is stepped
after an evaluation, each `every` steps, with a metric.
"""

import json
import math
import pathlib

import torch
from transformers import get_scheduler

# Warm-up and total steps; the last is `epochs: 0.3` of 17 steps an epoch with a tenth of warm-up.
PLANS = [(0, 7), (3, 11), (1, 2), (5, 5), (4, 20), (math.ceil(0.1 * math.ceil(0.3 * 17)), math.ceil(0.3 * 17))]
KINDS = [
    ("linear", {}),
    ("cosine", {}),
    ("cosine", {"num_cycles": 1.25}),
    ("cosine_with_restarts", {}),
    ("cosine_with_restarts", {"num_cycles": 3}),
    ("cosine_with_min_lr", {"min_lr": 3e-4}),
    ("cosine_with_min_lr", {"min_lr_rate": 0.1, "num_cycles": 1.25}),
    ("polynomial", {}),
    ("polynomial", {"power": 2.5, "lr_end": 1e-4}),
    ("constant", {}),
    ("constant_with_warmup", {}),
    ("inverse_sqrt", {}),
    ("inverse_sqrt", {"timescale": 6}),
    ("warmup_stable_decay", {"num_decay_steps": 2}),
    ("warmup_stable_decay", {"num_decay_steps": 4, "decay_type": "1-sqrt", "warmup_type": "cosine", "min_lr_ratio": 0.1}),
    ("warmup_stable_decay",
     {"num_decay_steps": 4, "num_stable_steps": 3, "decay_type": "linear", "warmup_type": "1-sqrt"}),
    ("warmup_stable_decay", {"num_decay_steps": 5, "num_cycles": 1.5}),
]
LOSSES = [1.0, 0.9, 0.89999, 0.95, 0.8, 0.85, 0.86, 0.87, 0.8, 0.79, float("inf"), 0.7] + [0.71] * 12
PLATEAUS = [
    {},
    {"factor": 0.5, "patience": 1},
    {"factor": 0.3, "patience": 0, "cooldown": 2, "min_lr": 1e-4},
    {"factor": 0.5, "patience": 0, "threshold": 0.05, "threshold_mode": "abs"},
    {"factor": 0.999, "patience": 0, "eps": 1e-5},
    {"factor": 0.5, "patience": 1, "mode": "max"},
]
LR = 2e-3


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def settings(kwargs):
    return {camel(name): value for name, value in kwargs.items() if name != "mode"}


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)


def planned(name, kwargs, warmup, total):
    # Here `constant` keeps a warm-up, as constant_with_warmup does.
    kind = "constant_with_warmup" if name == "constant" and warmup else name
    opt = optimizer()
    scheduler = get_scheduler(kind, opt, warmup, total, scheduler_specific_kwargs=dict(kwargs))
    rates = []
    for step in range(total):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        if step + 1 < total:
            scheduler.step()
    return {"scheduler": name, "settings": settings(kwargs), "warmupSteps": warmup, "totalSteps": total,
            "learningRate": LR, "rates": rates}


def plateau(kwargs):
    opt = optimizer()
    scheduler = get_scheduler("reduce_lr_on_plateau", opt, scheduler_specific_kwargs=dict(kwargs))
    rates = []
    # No metric of which more is better is infinite.
    metrics = [x for x in LOSSES if kwargs.get("mode") != "max" or not math.isinf(x)]
    for metric in metrics:
        scheduler.step(metric)
        rates.append(opt.param_groups[0]["lr"])
    return {"settings": settings(kwargs), "greaterIsBetter": kwargs.get("mode") == "max", "learningRate": LR,
            "metrics": [None if math.isinf(x) else x for x in metrics], "rates": rates}


schedules = [planned(name, kwargs, *plan) for name, kwargs in KINDS for plan in PLANS]
value = {"schedules": schedules, "plateaus": [plateau(kwargs) for kwargs in PLATEAUS]}
path = pathlib.Path(__file__).parent / "schedules.json"
path.write_text(json.dumps(value, separators=(",", ":")) + "\n")
