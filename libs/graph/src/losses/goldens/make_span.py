"""Values and gradients of transformers' loss of question answering on fixed logits, in double precision, each example by itself.

python make_span.py  (torch, transformers)
"""

import json
from pathlib import Path

import torch
from transformers.loss.loss_utils import ForQuestionAnsweringLoss

generator = torch.Generator().manual_seed(7)
lengths, spans = [5, 3, 8, 1], [[1, 3], [2, 2], [0, 0], [0, 0]]
total, rows = 0.0, []
for length, (first, last) in zip(lengths, spans):
    logits = 4 * torch.randn(1, length, 2, dtype=torch.float64, generator=generator) + 30 * len(rows)
    logits.requires_grad_(True)
    loss = ForQuestionAnsweringLoss(logits[..., 0], logits[..., 1], torch.tensor([first]), torch.tensor([last]))
    loss.backward()
    total += loss.item()
    rows.append({"logits": logits.detach()[0].tolist(), "loss": loss.item(), "gradient": logits.grad[0].tolist(), "span": [first, last]})
Path(__file__).with_name("span.json").write_text(json.dumps({"sum": total, "examples": rows}) + "\n")
