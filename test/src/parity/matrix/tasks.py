"""Tasks: transformers' class, rows, and the sum of a batch's losses with what it is divided by."""

import random

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

IGNORED = -100
MASK = 3
CLASSES = 3
# transformers' class, PEFT's task type
TASKS = {
    "causal-lm": (AutoModelForCausalLM, "CAUSAL_LM"),
    "sequence-classification": (AutoModelForSequenceClassification, "SEQ_CLS"),
    "token-classification": (AutoModelForTokenClassification, "TOKEN_CLS"),
    "masked-lm": (AutoModelForMaskedLM, None),
}
has_classes = lambda task: task.endswith("-classification")


def rows_of(task, count=10, seed=5):
    """Sequences of 3 to 12 tokens that count upwards, with noise: something to learn. Ids below 4 are special."""
    rng = random.Random(f"{seed} {task}")
    rows = []
    for _ in range(count):
        length, start, stride = rng.randint(3, 12), rng.randrange(60), rng.randint(1, 3)
        ids = [4 + (start + t * stride + (rng.random() < 0.3)) % 60 for t in range(length)]
        rows.append(labelled(task, ids, stride, rng))
    return rows


def labelled(task, ids, stride, rng):
    if task == "sequence-classification":
        return {"input_ids": ids, "labels": stride % CLASSES}
    if task == "token-classification":
        return {"input_ids": ids, "labels": [IGNORED if rng.random() < 0.2 else (i // 7) % CLASSES for i in ids]}
    if task == "masked-lm":
        chosen = {rng.randrange(len(ids))} | {t for t in range(len(ids)) if rng.random() < 0.3}
        return {"input_ids": [MASK if t in chosen else i for t, i in enumerate(ids)], "labels": [i if t in chosen else IGNORED for t, i in enumerate(ids)]}
    prompt = rng.randrange(1, len(ids) - 1)
    return {"input_ids": ids, "labels": [IGNORED] * prompt + ids[prompt:]}


def collate(rows, pad):
    """Right padding to the longest row; the batch, and how many labels are counted."""
    longest = max(len(r["input_ids"]) for r in rows)
    padded = lambda values, fill: values + [fill] * (longest - len(values))
    batch = {
        "input_ids": torch.tensor([padded(r["input_ids"], pad) for r in rows]),
        "attention_mask": torch.tensor([padded([1] * len(r["input_ids"]), 0) for r in rows]),
    }
    if isinstance(rows[0]["labels"], int):
        return batch, torch.tensor([r["labels"] for r in rows])
    return batch, torch.tensor([padded(r["labels"], IGNORED) for r in rows])


def loss_sum(model, task, batch, labels):
    logits = model(**batch).logits
    if labels.dim() == 2:
        # Virtual tokens stand in front.
        logits = logits[:, -labels.shape[1] :]
        if task == "causal-lm":
            logits, labels = logits[:, :-1], labels[:, 1:]
        logits, labels = logits.flatten(0, 1), labels.flatten()
    return torch.nn.functional.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="sum")


def counted_of(task, labels):
    if labels.dim() == 1:
        return len(labels)
    return int(((labels[:, 1:] if task == "causal-lm" else labels) != IGNORED).sum())
