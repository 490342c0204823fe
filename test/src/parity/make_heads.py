"""Goldens of the heads: what transformers' own losses make of the tiny BERT, step by step, and what scikit-learn and scipy measure.

    python test/src/parity/make_heads.py     (writes goldens/heads/*.json)
"""

import json
import pathlib
import random

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, precision_score, recall_score, roc_auc_score
from transformers import BertForSequenceClassification

here = pathlib.Path(__file__).parent
base = here / "goldens" / "tiny-bert"
LAST = 96
STEPS, BATCH = 10, 4


def words(rng):
    return [rng.randrange(1, LAST + 1) for _ in range(rng.randrange(3, 12))]


def padded(rows):
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return {"input_ids": ids, "attention_mask": mask}


def write(name, value):
    folder = here / "goldens" / "heads"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def train(model, train_rows, labels, dtype):
    """AdamW with a constant rate, without decay or clipping, the rows in their order."""
    model.to(dtype).eval()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
    losses = []
    for step in range(STEPS):
        at = slice(step * BATCH, (step + 1) * BATCH)
        loss = model(**padded(train_rows[at]), labels=labels[at].to(dtype) if labels.is_floating_point() else labels[at]).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def trained(make, rows, labels):
    """The model trained in float64, its losses, and those of the same in float32: how far rounding alone takes them."""
    rounded = train(make(), rows, labels, torch.float32)
    model = make()
    return model, {"losses": train(model, rows, labels, torch.float64), "rounded": rounded}


def logits_of(model, rows):
    with torch.no_grad():
        return [model(**padded([row])).logits[0].tolist() for row in rows]


def texts(rows):
    return [" ".join(f"w{id}" for id in row) for row in rows]


def multi_label():
    rng = random.Random(1)
    make = lambda: BertForSequenceClassification.from_pretrained(base, problem_type="multi_label_classification")
    rows = [words(rng) for _ in range(STEPS * BATCH + 24)]
    labels = [[k for k in range(3) if rng.random() < (0.3 if k else 0.6) or rows[i][0] % 3 == k] for i in range(len(rows))]
    flags = torch.tensor([[float(k in row) for k in range(3)] for row in labels], dtype=torch.float64)
    cut = STEPS * BATCH
    model, losses = trained(make, rows[:cut], flags[:cut])
    logits = logits_of(model, rows[cut:])
    truth, said = flags[cut:].numpy(), (np.array(logits) > 0).astype(float)
    loss = torch.nn.BCEWithLogitsLoss()(torch.tensor(logits, dtype=torch.float64), flags[cut:]).item()
    macro = dict(average="macro", zero_division=0)
    write("multi-label", {
        "texts": texts(rows), "train": cut,
        "labels": [[str(k) for k in row] for row in labels],
        **losses, "logits": logits,
        "metrics": {
            "loss": loss,
            "accuracy": accuracy_score(truth, said),
            "precision": precision_score(truth, said, **macro),
            "recall": recall_score(truth, said, **macro),
            "f1": f1_score(truth, said, **macro),
            "f1Micro": f1_score(truth, said, average="micro", zero_division=0),
            "rocAuc": roc_auc_score(truth, np.array(logits), average="macro"),
        },
    })


def regression():
    rng = random.Random(2)
    whole = BertForSequenceClassification.from_pretrained(base)

    def make():
        """The head's first row, which the test takes as well."""
        model = BertForSequenceClassification.from_pretrained(
            base, num_labels=1, problem_type="regression", ignore_mismatched_sizes=True
        )
        with torch.no_grad():
            model.classifier.weight.copy_(whole.classifier.weight[:1])
            model.classifier.bias.copy_(whole.classifier.bias[:1])
        return model

    rows = [words(rng) for _ in range(STEPS * BATCH + 24)]
    values = [round(len(row) / 4 + rng.gauss(0, 0.3), 2) for row in rows]
    labels = torch.tensor(values, dtype=torch.float64)
    cut = STEPS * BATCH
    model, losses = trained(make, rows[:cut], labels[:cut])
    logits = logits_of(model, rows[cut:])
    said, truth = np.array(logits)[:, 0], labels[cut:].numpy().astype(float)
    mse = float(((said - truth) ** 2).mean())
    write("regression", {
        "texts": texts(rows), "train": cut, "labels": values,
        **losses, "logits": logits,
        "metrics": {
            "loss": mse, "mse": mse, "mae": mean_absolute_error(truth, said),
            "pearson": float(pearsonr(truth, said)[0]), "spearman": float(spearmanr(truth, said)[0]),
        },
    })


if __name__ == "__main__":
    multi_label()
    regression()
