"""Goldens of the tasks' metrics, from scikit-learn.

    python libs/tasks/goldens/make_goldens.py     (writes the .json files next to this script)
"""

import json
import pathlib

import numpy as np
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

here = pathlib.Path(__file__).parent


def write(name, value):
    (here / f"{name}.json").write_text(json.dumps(value, indent=None, separators=(",", ":")) + "\n")


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


classification()
