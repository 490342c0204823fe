"""An ordinary PyTorch + transformers + PEFT fine-tuning loop: what Temper's per-step losses are compared with.

It does what transformers.Trainer does (make_goldens.py checks that): AdamW, no weight decay on biases and
normalisation weights, the scheduler of `get_scheduler`, the gradient of a step divided by all of its counted
tokens, clipping by the global norm. Unlike Trainer it keeps the losses in full precision.
"""

import json
import math

import torch
from transformers import get_scheduler
from transformers.trainer_pt_utils import get_parameter_names

IGNORED = -100
# transformers.Trainer.get_decay_parameter_names
NO_DECAY = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]

DEFAULTS = dict(
    steps=20,
    batch=4,
    accumulation=1,
    learningRate=1e-3,
    weightDecay=0.01,
    maxGradNorm=1.0,
    scheduler="linear",
    warmupSteps=0,
)


def read_jsonl(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def collate(rows, pad):
    """Right padding to the longest row. Returns the batch and what its sum of losses is divided by."""
    longest = max(len(r["input_ids"]) for r in rows)
    padded = lambda values, fill: values + [fill] * (longest - len(values))
    batch = {
        "input_ids": torch.tensor([padded(r["input_ids"], pad) for r in rows]),
        "attention_mask": torch.tensor([padded([1] * len(r["input_ids"]), 0) for r in rows]),
    }
    if isinstance(rows[0]["labels"], int):
        batch["labels"] = torch.tensor([r["labels"] for r in rows])
        return batch, len(rows)
    batch["labels"] = torch.tensor([padded(r["labels"], IGNORED) for r in rows])
    return batch, int((batch["labels"][:, 1:] != IGNORED).sum())


def micro_batches(rows, size, pad):
    return [collate(rows[i : i + size], pad) for i in range(0, len(rows), size)]


def step_groups(batches, accumulation, steps):
    """The micro-batches of each optimizer step; a group never spans two epochs, as in transformers.Trainer."""
    done = 0
    while True:
        for i in range(0, len(batches), accumulation):
            if done == steps:
                return
            done += 1
            yield batches[i : i + accumulation]


def loss_sum(model, batch):
    """Sum of the cross-entropies of the counted tokens or examples."""
    inputs = {k: v for k, v in batch.items() if k != "labels"}
    logits = model(**inputs).logits
    labels = batch["labels"]
    if labels.dim() == 2:
        logits, labels = logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten()
    return torch.nn.functional.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="sum")


def parameter_groups(model, weight_decay):
    decayed = set(get_parameter_names(model, [torch.nn.LayerNorm], NO_DECAY))
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for n, p in named if n in decayed], "weight_decay": weight_decay},
        {"params": [p for n, p in named if n not in decayed], "weight_decay": 0.0},
    ]


def train(model, rows, pad, **settings):
    """Trains in place; one {loss, gradNorm, learningRate} an optimizer step."""
    s = {**DEFAULTS, **settings}
    model.train()
    optimizer = torch.optim.AdamW(parameter_groups(model, s["weightDecay"]), lr=s["learningRate"], eps=1e-8)
    scheduler = get_scheduler(s["scheduler"], optimizer, s["warmupSteps"], s["steps"])
    trainable = [p for p in model.parameters() if p.requires_grad]
    lines = []
    for group in step_groups(micro_batches(rows, s["batch"], pad), s["accumulation"], s["steps"]):
        counted = sum(count for _, count in group)
        total = 0.0
        for batch, _ in group:
            loss = loss_sum(model, batch) / counted
            loss.backward()
            total += loss.item()
        limit = math.inf if s["maxGradNorm"] is None else s["maxGradNorm"]
        norm = torch.nn.utils.clip_grad_norm_(trainable, limit).item()
        lines.append({"loss": total, "gradNorm": norm, "learningRate": scheduler.get_last_lr()[0]})
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    return lines


def relative(a, b):
    """The largest relative difference of the losses."""
    return max(abs(x["loss"] - y["loss"]) / abs(y["loss"]) for x, y in zip(a, b))
