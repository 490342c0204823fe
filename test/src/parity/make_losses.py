"""Goldens of losses with smoothed labels, weights of classes and focus: PyTorch's steps of the tiny models.

    python make_losses.py     (writes goldens/losses.json)

A step's sum is divided by the weights of all of its labels, whatever micro-batches it is cut into.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from reference import IGNORED, micro_batches, parameter_groups, read_jsonl, step_groups
from sklearn.utils.class_weight import compute_class_weight
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, get_scheduler

HERE = Path(__file__).parent / "goldens"
STEPS, RATE = 20, 1e-3


def logits_of(model, batch):
    logits = model(**{k: v for k, v in batch.items() if k != "labels"}).logits
    labels = batch["labels"]
    if labels.dim() == 1:
        return logits, labels
    logits, labels = logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten()
    return logits[labels != IGNORED], labels[labels != IGNORED]


def loss_sum(logits, labels, weights, loss="cross-entropy", labelSmoothing=0.0, focalGamma=2.0):
    if loss == "cross-entropy":
        return F.cross_entropy(logits, labels, weights, label_smoothing=labelSmoothing, reduction="sum")
    log_p = F.log_softmax(logits, -1).gather(1, labels[:, None])[:, 0]
    return (-weights[labels] * (1 - log_p.exp()) ** focalGamma * log_p).sum()


def train(model, rows, dtype, weights, accumulation=1, **settings):
    model = model.to(dtype).eval()
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.01), lr=RATE, eps=1e-8)
    scheduler = get_scheduler("linear", optimizer, 0, STEPS)
    lines = []
    for group in step_groups(micro_batches(rows, 8 // accumulation, 0), accumulation, STEPS):
        total, divisor = 0.0, 0.0
        for batch, _ in group:
            logits, labels = logits_of(model, batch)
            w = torch.ones(logits.shape[1], dtype=dtype) if weights is None else weights.to(dtype)
            value = loss_sum(logits, labels, w, **settings)
            value.backward()
            total, divisor = total + value.item(), divisor + w[labels].sum().item()
        for p in model.parameters():
            p.grad /= divisor
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()
        lines.append({"loss": total / divisor, "gradNorm": norm, "learningRate": scheduler.get_last_lr()[0]})
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    return lines


CASES = [
    ("tiny-bert", {"labelSmoothing": 0.1}),
    ("tiny-bert", {"classWeights": "balanced"}),
    ("tiny-bert", {"classWeights": [0.5, 3.0, 1.25], "labelSmoothing": 0.2}),
    ("tiny-bert", {"loss": "focal"}),
    ("tiny-bert", {"loss": "focal", "focalGamma": 0.5, "classWeights": [0.5, 3.0, 1.25]}),
    ("tiny-llama", {"labelSmoothing": 0.1}),
]
golden = []
for name, training in CASES:
    rows = read_jsonl(HERE / f"{name}.jsonl")
    auto = AutoModelForSequenceClassification if "bert" in name else AutoModelForCausalLM
    said = training.get("classWeights")
    labels = [row["labels"] for row in rows]
    balanced = lambda: compute_class_weight("balanced", classes=np.arange(3), y=labels)
    weights = None if said is None else torch.tensor(balanced() if said == "balanced" else said)
    rest = {k: v for k, v in training.items() if k != "classWeights"}
    fresh = lambda: auto.from_pretrained(HERE / name)
    steps = train(fresh(), rows, torch.float64, weights, **rest)
    rounded = train(fresh(), rows, torch.float32, weights, **rest)
    noise = max(abs(a["loss"] / b["loss"] - 1) for a, b in zip(rounded, steps))
    golden.append({"model": name, "training": training, "noise": noise, "steps": steps})
    print(name, training, noise)
(HERE / "losses.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
