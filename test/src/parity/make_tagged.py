"""Golden of token classification: transformers' losses of the tiny BERT, step by step, and seqeval's metrics of what it says then.

    pip install seqeval
    python test/src/parity/make_tagged.py     (writes goldens/heads/tagged.json)
"""

import random

import torch
from make_heads import BATCH, STEPS, base, padded, words, write
from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score
from transformers import BertForTokenClassification

NAMES = ["O", "B-X", "I-X"]
IGNORED = -100


def sentence(rng, parts):
    """Words of one to `parts` tokens, with tags that follow from their first tokens."""
    ids = words(rng)
    row = [[first, *(rng.randrange(1, 97) for _ in range(rng.randrange(parts)))] for first in ids]
    tags = [0 if first % 3 == 0 else 1 if rng.random() < 0.4 else 2 for first in ids]
    return row, tags


def tensors(rows):
    """The first token of a word has its tag, as in transformers' run_ner.py."""
    inputs = padded([sum(row, []) for row, _ in rows])
    labels = torch.full(inputs["input_ids"].shape, IGNORED)
    for at, (row, tags) in enumerate(rows):
        place = 0
        for word, tag in zip(row, tags):
            labels[at, place] = tag
            place += len(word)
    return {**inputs, "labels": labels}


def train(rows, dtype):
    model = BertForTokenClassification.from_pretrained(base).to(dtype).eval()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
    losses = []
    for step in range(STEPS):
        loss = model(**tensors(rows[step * BATCH : (step + 1) * BATCH])).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


rng = random.Random(4)
cut = STEPS * BATCH
rows = [sentence(rng, 3) for _ in range(cut)] + [sentence(rng, 1) for _ in range(24)]
_, rounded = train(rows[:cut], torch.float32)
model, losses = train(rows[:cut], torch.float64)
with torch.no_grad():
    logits = [model(**tensors([row])).logits[0].tolist() for row in rows[cut:]]
    together = model(**tensors(rows[cut:])).loss.item()
named = lambda tags: [NAMES[tag] for tag in tags]
truth = [named(tags) for _, tags in rows[cut:]]
said = [named([max(range(3), key=lambda k: token[k]) for token in row]) for row in logits]
write("tagged", {
    "train": cut,
    "tokens": [[" ".join(f"w{id}" for id in word) for word in row] for row, _ in rows],
    "tags": [named(tags) for _, tags in rows],
    "losses": losses, "rounded": rounded, "logits": logits,
    "metrics": {
        "loss": together,
        "precision": precision_score(truth, said), "recall": recall_score(truth, said), "f1": f1_score(truth, said),
        "tokenAccuracy": accuracy_score(truth, said),
    },
})
