"""Values and gradients of DPO, IPO and ORPO by torch's autograd, in double precision.

python make_preference.py  (torch, trl)

DPO's and IPO's arithmetic is that of TRL's DPOTrainer (loss_type "sigmoid" and "ipo") on log probabilities of the
completions' tokens. ORPO's odds ratio is ORPOTrainer's odds_ratio_loss; the first part is the paper's: the mean over pairs
of the chosen completion's mean negative log likelihood.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F


def case(name, beta, seed, smoothing=0.0, counts=((3, 2), (1, 4), (2, 2)), vocabulary=5):
    generator = torch.Generator().manual_seed(seed)
    flat = [n for pair in counts for n in pair]
    logits = torch.randn(sum(flat), vocabulary, dtype=torch.float64, generator=generator)
    labels = torch.randint(vocabulary, (sum(flat),), generator=generator)
    reference = torch.randn(len(counts), 2, dtype=torch.float64, generator=generator) - 4
    logits.requires_grad_(True)
    own = torch.log_softmax(logits, -1).gather(1, labels[:, None])[:, 0]
    sums = torch.stack([part.sum() for part in own.split(flat)]).reshape(-1, 2)
    lengths = torch.tensor(flat, dtype=torch.float64).reshape(-1, 2)
    ratios = sums - reference
    if name == "dpo":
        scores = beta * (ratios[:, 0] - ratios[:, 1])
        losses = -F.logsigmoid(scores) * (1 - smoothing) - F.logsigmoid(-scores) * smoothing
    elif name == "ipo":
        means = ratios / lengths
        losses = (means[:, 0] - means[:, 1] - 1 / (2 * beta)) ** 2
    else:
        means = sums / lengths
        odds = (means[:, 0] - means[:, 1]) - (
            torch.log1p(-torch.exp(means[:, 0])) - torch.log1p(-torch.exp(means[:, 1]))
        )
        losses = -means[:, 0] - beta * F.logsigmoid(odds)
    losses.sum().backward()
    return {
        "loss": name,
        "beta": beta,
        "smoothing": smoothing,
        "counts": flat,
        "logits": logits.detach().tolist(),
        "labels": labels.tolist(),
        "reference": reference.tolist(),
        "losses": losses.tolist(),
        "ratios": ratios.tolist(),
        "gradient": logits.grad.tolist(),
    }


cases = [
    case("dpo", 0.1, 1),
    case("dpo", 0.5, 2),
    case("dpo", 0.1, 7, smoothing=0.1),
    case("dpo", 0.5, 8, smoothing=0.4),
    case("ipo", 0.1, 3),
    case("ipo", 0.5, 4),
    case("orpo", 0.1, 5),
    case("orpo", 1.0, 6),
]
Path(__file__).with_name("preference.json").write_text(json.dumps(cases) + "\n")
