"""Goldens of the training loop's arithmetic, from PyTorch.

    python libs/training/goldens/make_goldens.py     (writes the .json files next to this script)
"""

import json
import pathlib

import torch

here = pathlib.Path(__file__).parent


def write(name, value):
    (here / f"{name}.json").write_text(json.dumps(value, indent=None, separators=(",", ":")) + "\n")


def adamw():
    """Five clipped AdamW steps on a decayed matrix and an undecayed bias; also without clipping."""
    cases = []
    for max_norm in (1.0, None):
        torch.manual_seed(0)
        weight = torch.nn.Parameter(torch.randn(3, 5))
        bias = torch.nn.Parameter(torch.randn(5))
        initial = [weight.tolist(), bias.tolist()]
        optimizer = torch.optim.AdamW(
            [{"params": [weight], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}],
            lr=1e-2, betas=(0.9, 0.98), eps=1e-6,
        )
        steps = []
        for step in range(5):
            scale = 10.0 ** (step - 3)  # some steps are clipped, some are not
            weight.grad, bias.grad = torch.randn(3, 5) * scale, torch.randn(5) * scale
            gradients = [weight.grad.tolist(), bias.grad.tolist()]
            rate = 1e-2 * (1 - step / 10)
            for group in optimizer.param_groups:
                group["lr"] = rate
            norm = torch.nn.utils.clip_grad_norm_([weight, bias], max_norm if max_norm else float("inf"))
            optimizer.step()
            steps.append({
                "learningRate": rate, "gradients": gradients, "norm": norm.item(),
                "weight": weight.tolist(), "bias": bias.tolist(),
            })
        cases.append({"maxGradNorm": max_norm, "initial": initial, "steps": steps})
    write("adamw", cases)


adamw()
