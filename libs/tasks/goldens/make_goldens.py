"""Goldens of the tasks' metrics, from scikit-learn and scipy.

    python libs/tasks/goldens/make_goldens.py     (writes the .json files next to this script)
"""

import json
import pathlib

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    mean_absolute_error,
    mean_squared_error,
    precision_recall_fscore_support,
    roc_auc_score,
)

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


def calibration_error(probabilities, labels, bins=15):
    """Guo et al. 2017, equation 5: bins of equal width, open on the left."""
    said, sure = probabilities.argmax(1), probabilities.max(1)
    edges = np.linspace(0, 1, bins + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (sure > low) & (sure <= high)
        if inside.any():
            error += inside.mean() * abs((said == labels)[inside].mean() - sure[inside].mean())
    return error


def scores():
    """Logits with ties; two classes, three of which one is never there, and one class alone (nothing to rank)."""
    rng = np.random.default_rng(3)
    cases = []
    for classes, present in [(2, 2), (3, 2), (4, 4), (2, 1)]:
        labels = rng.integers(0, present, size=60)
        logits = np.round(rng.normal(size=(60, classes)) + 0.7 * np.eye(classes)[labels], 1).astype(np.float32)
        probabilities = torch.softmax(torch.tensor(logits).double(), 1).numpy()
        # What is equal is equal: rounding must not break ties.
        ranked = probabilities.round(14)
        ofs = [1] if classes == 2 else range(classes)
        flags = [(labels == k) for k in ofs]
        both = [(f, ranked[:, k]) for f, k in zip(flags, ofs) if f.any() and not f.all()]
        mean = lambda score: float(np.mean([score(f, p) for f, p in both])) if both else None
        cases.append({
            "labels": labels.tolist(),
            "logits": logits.astype(float).round(1).tolist(),
            "mcc": matthews_corrcoef(labels, probabilities.argmax(1)),
            "ece": calibration_error(probabilities, labels),
            "rocAuc": mean(roc_auc_score),
            "averagePrecision": mean(average_precision_score),
        })
    # Where every class is there it is scikit-learn's own average.
    whole = cases[2]
    p = torch.softmax(torch.tensor(whole["logits"]).float().double(), 1).numpy()
    assert abs(roc_auc_score(whole["labels"], p, multi_class="ovr") - whole["rocAuc"]) < 1e-12
    write("scores", cases)


def regression():
    """Numbers with ties on both sides, exact in float32."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 20, size=50) / 4
    said = np.round(truth + rng.normal(size=50), 1).astype(np.float32).astype(float)
    write("regression", {
        "truth": truth.tolist(),
        "said": said.tolist(),
        "mse": mean_squared_error(truth, said),
        "mae": mean_absolute_error(truth, said),
        "pearson": pearsonr(truth, said)[0],
        "spearman": spearmanr(truth, said)[0],
    })


def multi_label():
    """Class 2 is never said, class 3 never there: its ROC-AUC is not defined."""
    rng = np.random.default_rng(2)
    flags = (rng.random((60, 4)) < [0.5, 0.2, 0.3, 0.0]).astype(float)
    logits = np.round(rng.normal(size=(60, 4)) + flags - [0, 0.5, 9, 2], 1).astype(np.float32).astype(float)
    said = (logits > 0).astype(float)
    macro = precision_recall_fscore_support(flags, said, average="macro", zero_division=0)
    write("multi-label", {
        "flags": flags.astype(int).tolist(),
        "logits": logits.tolist(),
        "accuracy": accuracy_score(flags, said),
        "macro": list(macro[:3]),
        "f1Micro": f1_score(flags, said, average="micro"),
        "rocAuc": [roc_auc_score(flags[:, k], logits[:, k]) for k in range(3)],
        "averagePrecision": [average_precision_score(flags[:, k], logits[:, k]) for k in range(3)],
    })


classification()
regression()
multi_label()
scores()
