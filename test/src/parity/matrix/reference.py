"""One cell in PyTorch: 20 steps of AdamW as transformers' Trainer makes them, in a given precision."""

import math
import re
from dataclasses import dataclass

import numpy as np
import torch
from bottleneck import BottleneckConfig, stored_name, with_bottlenecks
from nf4 import dequantized
from peft import get_peft_model, get_peft_model_state_dict
from peft.optimizers import create_loraplus_optimizer
from tasks import CLASSES, SEQUENCES, TASKS, collate, completions, counted_of, has_classes, loss_sum
from transformers import get_scheduler
from transformers.pytorch_utils import Conv1D
from transformers.quantizers.base import HfQuantizer
from transformers.quantizers.quantizers_utils import should_convert_module
from transformers.trainer_pt_utils import get_parameter_names

# transformers.Trainer.get_decay_parameter_names
NO_DECAY = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]
SETTINGS = dict(maxSteps=20, trainBatchSize=4, gradientAccumulationSteps=1, learningRate=2e-3, weightDecay=0.05, maxGradNorm=1.0, scheduler="linear", warmupSteps=2)


# PEFT's modules_to_save of classifiers.
TRAINED_WHOLE = ("classifier", "score")


softmax = torch.nn.functional.softmax


def softmax_in_own_precision(x, dim=None, dtype=None, **more):
    """Eager attention asks for float32: the smallest float64, which masks, is −∞ there, and a row of padding alone becomes NaN."""
    return softmax(x, dim=dim, dtype=None if x.dtype == torch.float64 else dtype, **more)


torch.nn.functional.softmax = softmax_in_own_precision


@dataclass
class Run:
    steps: list
    # By name: before, after, and the largest magnitude of each element's gradient.
    tensors: dict


def base_model(folder, task):
    labels = dict(num_labels=CLASSES) if has_classes(task) else {}
    load = lambda attention: TASKS[task][0].from_pretrained(folder, dtype=torch.float32, attn_implementation=attention, output_loading_info=True, **labels)
    try:
        model, info = load("sdpa")
    except ValueError:  # Gemma 2, whose scores have a soft cap
        model, info = load("eager")
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    return model


def quantized_names(base, saved):
    """What transformers replaces by bitsandbytes' modules (replace_with_bnb_linear), but for what PEFT trains whole, which it cannot in 4 bits."""
    left = HfQuantizer.get_modules_to_not_convert(base, [*TRAINED_WHOLE, *saved], base._keep_in_fp32_modules, add_default_skips=True)
    return [n for n, m in base.named_modules() if (isinstance(m, Conv1D) or type(m) is torch.nn.Linear) and should_convert_module(n, left)]


def quantize(model, names, double):
    for name in names:
        module = model.get_submodule(f"base_model.model.{name}")
        module = getattr(module, "base_layer", module)
        weight = module.weight
        turned = isinstance(module, Conv1D)
        values = weight.detach().numpy().T if turned else weight.detach().numpy()
        read = dequantized(np.ascontiguousarray(values), double)
        weight.data = torch.from_numpy(np.ascontiguousarray(read.T if turned else read))


DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


def round_frozen(model, precision):
    """What is left of the frozen weights in 2 bytes. What they are computed with stays the model's precision."""
    for parameter in model.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.to(DTYPES[precision]).to(parameter.dtype)


def trained_names(model):
    """The name in the exported file of each tensor that is trained."""
    named = {n: p for n, p in model.named_parameters() if p.requires_grad}
    if hasattr(model, "bottleneck_config"):
        return {stored_name(n): p for n, p in named.items()}
    if not hasattr(model, "peft_config"):
        # A tied weight has the name of its table, whichever module stands first.
        tables = getattr(model, "_tied_weights_keys", None) or {}
        tied = {n for n, table in tables.items() if n in named and named[n] is model.get_parameter(table)}
        return {tables[n] if n in tied else n: p for n, p in named.items()}
    stored = get_peft_model_state_dict(model)
    by_place = {t.data_ptr(): n for n, t in stored.items()}
    # PEFT stores a copy of prompts; of a projected prefix what the projection makes.
    copied = {"prompt_encoder.default.embedding.weight": "prompt_embeddings"} if not any("transform" in n for n in named) and "prompt_embeddings" in stored else {}
    return {by_place.get(p.data_ptr()) or copied.get(n) or n.replace(".default", ""): p for n, p in named.items()}


def with_method(model, config):
    if config is None:
        return model
    if isinstance(config, BottleneckConfig):
        return with_bottlenecks(model, config)
    return get_peft_model(model, config)


def freeze(model, patterns):
    for name, parameter in model.named_parameters():
        if any(re.search(pattern, name) for pattern in patterns):
            parameter.requires_grad = False


def depth_of(name, layers):
    """Embeddings 0, the layers from 1, what is behind them one more (ELECTRA, appendix A)."""
    layer = re.search(r"\.(?:layers|layer|h)\.(\d+)\.", name)
    return int(layer[1]) + 1 if layer else 0 if re.search(r"embed|wte|wpe", name) else layers + 1


def layered_groups(model, weight_decay, learning_rate, decay):
    """The parameters' groups, each split by depth; the first has the learning rate itself."""
    layers = model.config.num_hidden_layers
    names = {p: n for n, p in model.named_parameters()}
    for depth in range(layers + 1, -1, -1):
        for group in parameter_groups(model, weight_decay):
            chosen = [p for p in group["params"] if depth_of(names[p], layers) == depth]
            yield group | {"params": chosen, "lr": learning_rate * decay ** (layers + 1 - depth)}


def optimizer_of(model, settings, spec):
    rate, decay = settings["learningRate"], settings["weightDecay"]
    if "loraPlusRatio" in spec:
        return create_loraplus_optimizer(model, torch.optim.AdamW, lr=rate, loraplus_lr_ratio=spec["loraPlusRatio"], loraplus_weight_decay=decay, eps=1e-8)
    layered = "layerDecay" in spec
    groups = list(layered_groups(model, decay, rate, spec["layerDecay"])) if layered else parameter_groups(model, decay)
    return torch.optim.AdamW([g for g in groups if g["params"]] if layered else groups, lr=rate, eps=1e-8)


def parameter_groups(model, weight_decay):
    decayed = set(get_parameter_names(model, [torch.nn.LayerNorm], NO_DECAY))
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for n, p in named if n in decayed], "weight_decay": weight_decay},
        {"params": [p for n, p in named if n not in decayed], "weight_decay": 0.0},
    ]


def step_batches(rows, settings, pad, sequences):
    """The micro-batches of each step: in the order of the rows; a step never spans two epochs."""
    size, accumulation = settings["trainBatchSize"] * sequences, settings["gradientAccumulationSteps"]
    batches = [collate(rows[i : i + size], pad) for i in range(0, len(rows), size)]
    groups = [batches[i : i + accumulation] for i in range(0, len(batches), accumulation)]
    for step in range(settings["maxSteps"]):
        yield groups[step % len(groups)]


def references(model, groups):
    """Of each batch, by its labels: what the model says before it is trained, with the adapter that it starts from."""
    with torch.no_grad():
        return {id(labels): completions(model, batch, labels) for group in groups for batch, labels in group}


def train(model, task, rows, settings, pad, spec):
    model.train()
    optimizer = optimizer_of(model, settings, spec)
    scheduler = get_scheduler(settings["scheduler"], optimizer, settings["warmupSteps"], settings["maxSteps"])
    named = trained_names(model)
    before = {n: p.detach().clone() for n, p in named.items()}
    gradients = {n: torch.zeros_like(p) for n, p in named.items()}
    groups = list(step_batches(rows, settings, pad, SEQUENCES.get(task, 1)))
    reference = references(model, groups) if task == "preference" else {}
    lines = []
    for group in groups:
        counted = sum(counted_of(task, labels) for _, labels in group)
        total = 0.0
        for batch, labels in group:
            loss = loss_sum(model, task, batch, labels, reference.get(id(labels))) / counted
            loss.backward()
            total += loss.item()
        for n, p in named.items():
            if p.grad is not None:
                gradients[n] = torch.maximum(gradients[n], p.grad.abs())
        norm = torch.nn.utils.clip_grad_norm_(list(named.values()), settings["maxGradNorm"] or math.inf).item()
        assert math.isfinite(total) and math.isfinite(norm), (total, norm)
        lines.append({"loss": total, "gradNorm": norm, "learningRate": scheduler.get_last_lr()[0]})
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    as64 = lambda t: t.detach().double().numpy()
    return Run(lines, {n: (as64(before[n]), as64(p), as64(gradients[n])) for n, p in named.items()})
