"""Logits and gradients of a model with bottleneck adapters put into it by hand, for methods.test.ts.

    pip install torch transformers safetensors
    python libs/methods/src/goldens/make_bottleneck.py
"""

import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

HERE = Path(__file__).parent
MODELS = HERE.parents[2] / "models/src/goldens"


def value(name, shape):
    """The same small numbers in both languages: sin of a running number."""
    count = torch.Size(shape).numel()
    start = sum(name.encode()) % 97
    return (0.1 * torch.sin(torch.arange(count, dtype=torch.float64) * 0.7 + start)).reshape(shape)


class Bottleneck(torch.nn.Module):
    def __init__(self, place, width, inner, activation):
        super().__init__()
        self.place, self.activation = place, activation
        shapes = {"down.weight": (inner, width), "down.bias": (inner,), "up.weight": (width, inner), "up.bias": (width,)}
        self.weights = {f"adapters.layers.{place}.{name}": value(f"adapters.layers.{place}.{name}", shape).requires_grad_() for name, shape in shapes.items()}

    def forward(self, y):
        down_w, down_b, up_w, up_b = self.weights.values()
        return y + self.activation(y @ down_w.T + down_b) @ up_w.T + up_b


def adapted(model, layers, style, width, inner, activation):
    """Behind what the attention and the MLP add to their inputs, before the sum."""
    found = {}
    for i, (attention, mlp) in enumerate(layers):
        for part, module in (("attention", attention), ("mlp", mlp)):
            if part == "attention" and style == "pfeiffer":
                continue
            bottleneck = Bottleneck(f"{i}.{part}", width, inner, activation)
            module.register_forward_hook(lambda _, __, y, b=bottleneck: b(y))
            found |= bottleneck.weights
    return found


def main():
    cases = {}
    for style, name, activation in (("houlsby", "relu", torch.relu), ("pfeiffer", "tanh", torch.tanh)):
        for folder in ("llama-tiny", "bert-tiny"):
            golden = json.loads((MODELS / folder / "golden.json").read_text())
            ids, mask = torch.tensor(golden["input_ids"]), torch.tensor(golden["attention_mask"])
            if folder == "llama-tiny":
                model = AutoModelForCausalLM.from_pretrained(MODELS / folder, dtype=torch.float64).eval()
                layers = [(layer.self_attn.o_proj, layer.mlp.down_proj) for layer in model.model.layers]
            else:
                model = AutoModelForSequenceClassification.from_pretrained(MODELS / folder, dtype=torch.float64).eval()
                layers = [(layer.attention.output.dense, layer.output.dense) for layer in model.bert.encoder.layer]
            weights = adapted(model, layers, style, 16, 4, activation)
            logits = model(input_ids=ids, attention_mask=mask).logits
            rows = logits[mask.bool()] if folder == "llama-tiny" else logits
            cases[f"{folder} {style} {name}"] = {"shapes": {k: list(v.shape) for k, v in weights.items()}, "logits": [[round(x, 7) for x in row] for row in rows.tolist()]}
    (HERE / "bottleneck.json").write_text(json.dumps(cases) + "\n")


main()
