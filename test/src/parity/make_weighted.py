"""Golden of weighted classes where labels are several a text, or one a word: the heads' rows, trained with torch's own losses.

    python test/src/parity/make_weighted.py     (after make_heads.py and make_tagged.py; writes goldens/heads/weighted.json)
"""

import json

import numpy as np
import torch
import torch.nn.functional as F
from make_heads import BATCH, STEPS, base, here, padded, write
from sklearn.utils.class_weight import compute_class_weight
from transformers import BertForSequenceClassification, BertForTokenClassification

heads = here / "goldens" / "heads"
read = lambda name: json.loads((heads / f"{name}.json").read_text())
ids = lambda text: [int(word[1:]) for word in text.split()]
IGNORED, SMOOTHING = -100, 0.1
NAMES = ["O", "B-X", "I-X"]


def train(model, steps, loss_of, dtype):
    model.to(dtype).eval()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
    losses = []
    for inputs, labels in steps:
        loss = loss_of(model(**inputs).logits, labels, dtype)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def both(make, steps, loss_of):
    return {
        "losses": train(make(), steps, loss_of, torch.float64),
        "rounded": train(make(), steps, loss_of, torch.float32),
    }


def several():
    """pos_weight in balance: rows without a label for each that has it."""
    golden = read("multi-label")
    cut = golden["train"]
    rows = [ids(text) for text in golden["texts"][:cut]]
    flags = torch.tensor([[float(str(k) in row) for k in range(3)] for row in golden["labels"][:cut]])
    weights = (len(flags) - flags.sum(0)) / flags.sum(0)
    steps = [(padded(rows[i : i + BATCH]), flags[i : i + BATCH]) for i in range(0, cut, BATCH)]
    loss = lambda logits, labels, dtype: F.binary_cross_entropy_with_logits(
        logits, labels.to(dtype), pos_weight=weights.to(dtype)
    )
    make = lambda: BertForSequenceClassification.from_pretrained(base)
    return both(make, steps, loss)


def tagged():
    """scikit-learn's balance over all counted tags, and smoothed labels."""
    golden = read("tagged")
    cut = golden["train"]
    rows, labels = [], []
    for words, tags in zip(golden["tokens"][:cut], golden["tags"][:cut]):
        split = [ids(word) for word in words]
        rows.append(sum(split, []))
        labels.append(sum(([NAMES.index(tag)] + [IGNORED] * (len(word) - 1) for word, tag in zip(split, tags)), []))
    counted = np.array([label for row in labels for label in row if label != IGNORED])
    weights = torch.tensor(compute_class_weight("balanced", classes=np.arange(3), y=counted))
    longest = lambda part: max(map(len, part))
    pad = lambda part: torch.tensor([row + [IGNORED] * (longest(part) - len(row)) for row in part])
    steps = [(padded(rows[i : i + BATCH]), pad(labels[i : i + BATCH])) for i in range(0, cut, BATCH)]
    loss = lambda logits, labels, dtype: F.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), weights.to(dtype), ignore_index=IGNORED, label_smoothing=SMOOTHING
    )
    make = lambda: BertForTokenClassification.from_pretrained(base)
    return both(make, steps, loss)


write("weighted", {"several": several(), "tagged": tagged()})
