"""Goldens of the losses: PyTorch's sums and gradients by the logits, in float64.

    python libs/graph/goldens/make_losses.py     (writes losses.json next to this script)
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
rows, classes = 7, 5
logits = (3 * torch.randn(rows, classes)).float().double().requires_grad_()
labels = torch.tensor([0, 1, 4, 4, 2, 0, 1])
flags = (torch.rand(rows, classes) < 0.4).double()
weights = torch.tensor([0.5, 2.0, 1.0, 0.25, 3.0]).double()


def focal(gamma, alpha):
    """Lin et al. 2017, with autograd's derivative."""
    log_p = F.log_softmax(logits, -1).gather(1, labels[:, None])[:, 0]
    return (-alpha[labels] * (1 - log_p.exp()) ** gamma * log_p).sum()


even = torch.ones(classes).double()
cross = lambda **more: F.cross_entropy(logits, labels, reduction="sum", **more)
binary = F.binary_cross_entropy_with_logits(logits, flags, pos_weight=weights, reduction="sum") / classes
cases = [
    ("cross-entropy", {"smoothing": 0.1}, cross(label_smoothing=0.1)),
    ("cross-entropy", {"weights": True}, cross(weight=weights)),
    ("cross-entropy", {"smoothing": 0.3, "weights": True}, cross(weight=weights, label_smoothing=0.3)),
    *[("focal", {"gamma": gamma}, focal(gamma, even)) for gamma in (0, 0.5, 1, 2, 5)],
    ("focal", {"gamma": 2, "weights": True}, focal(2, weights)),
    ("binary-cross-entropy", {"weights": True}, binary),
]
golden = {
    "logits": logits.tolist(),
    "labels": labels.tolist(),
    "flags": flags.int().tolist(),
    "weights": weights.tolist(),
    "cases": [
        {"loss": name, **settings, "sum": value.item(), "gradient": torch.autograd.grad(value, logits)[0].tolist()}
        for name, settings, value in cases
    ],
}
path = pathlib.Path(__file__).parent / "losses.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
