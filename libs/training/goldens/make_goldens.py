"""Goldens of the training loop's arithmetic, from PyTorch and scikit-learn.

    python libs/training/goldens/make_goldens.py     (writes the .json files next to this script)
"""

import json
import pathlib

import numpy as np
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

here = pathlib.Path(__file__).parent


def write(name, value):
    (here / f"{name}.json").write_text(json.dumps(value, indent=None, separators=(",", ":")) + "\n")


def adamw():
    """Five clipped AdamW steps on a decayed matrix and an undecayed bias; also without clipping."""
    cases = []
    for max_norm in (1.0, None):
        torch.manual_seed(0)
        weight = torch.nn.Parameter(torch.randn(3, 5))
        bias = torch.nn.Parameter(torch.randn(5))
        initial = [weight.tolist(), bias.tolist()]
        optimizer = torch.optim.AdamW(
            [{"params": [weight], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}],
            lr=1e-2, betas=(0.9, 0.98), eps=1e-6,
        )
        steps = []
        for step in range(5):
            scale = 10.0 ** (step - 3)  # some steps are clipped, some are not
            weight.grad, bias.grad = torch.randn(3, 5) * scale, torch.randn(5) * scale
            gradients = [weight.grad.tolist(), bias.grad.tolist()]
            rate = 1e-2 * (1 - step / 10)
            for group in optimizer.param_groups:
                group["lr"] = rate
            norm = torch.nn.utils.clip_grad_norm_([weight, bias], max_norm if max_norm else float("inf"))
            optimizer.step()
            steps.append({
                "learningRate": rate, "gradients": gradients, "norm": norm.item(),
                "weight": weight.tolist(), "bias": bias.tolist(),
            })
        cases.append({"maxGradNorm": max_norm, "initial": initial, "steps": steps})
    write("adamw", cases)


def classification():
    """Class 3 never occurs and is never predicted; class 2 occurs and is never predicted."""
    rng = np.random.default_rng(0)
    labels = rng.choice([0, 1, 2, 4], size=40, p=[0.4, 0.3, 0.1, 0.2])
    logits = rng.normal(size=(40, 5)).round(4)
    logits[np.arange(40), labels] += 0.8
    logits[:, 2] -= 9
    logits[:, 3] -= 9
    predictions = logits.argmax(1)
    probabilities = torch.softmax(torch.tensor(logits), 1).numpy()
    macro = precision_recall_fscore_support(labels, predictions, average="macro", zero_division=0)
    each = precision_recall_fscore_support(labels, predictions, average=None, labels=range(5), zero_division=0)
    write("classification", {
        "labels": labels.tolist(),
        "logits": logits.tolist(),
        "loss": log_loss(labels, probabilities, labels=range(5)),
        "accuracy": accuracy_score(labels, predictions),
        "f1Micro": f1_score(labels, predictions, average="micro"),
        "macro": list(macro[:3]),
        "perClass": [list(map(float, row)) for row in zip(*each)],
        "confusionMatrix": confusion_matrix(labels, predictions, labels=range(5)).tolist(),
    })


adamw()
classification()
