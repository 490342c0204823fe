"""One cell of the matrix: the model that the generator gives, trained in both precisions, as its golden says it."""

import json

import numpy as np
import torch
from families import DECODERS, config_of
from generator import directions, values
from methods import METHODS, PRECISIONS
from peft import get_peft_model_state_dict
from reference import SETTINGS, base_model, freeze, quantize, quantized_names, round_frozen, train, trained_names, with_method
from safetensors.numpy import load_file, save_file
from tasks import CLASSES, TASKS, has_classes, rows_of
from transformers import AutoConfig
from transformers.pytorch_utils import Conv1D

# Tensors up to this size are compared element by element.
SMALL = 16
# Relative, of the losses: what the comparison allows anyway. Where PyTorch's own precision decides on more, a golden shows little.
MOST_NOISE = 1e-5
# Of the largest gradient: what is below has the sign of a rounding error.
NO_GRADIENT = 1e-9


def write_base(folder, family, task, wide):
    """config.json and model.safetensors, of the generator's values under the names that transformers saves; [name, shape, center, bound] of each."""
    model_type, settings = config_of(family, wide)
    labels = dict(num_labels=CLASSES) if has_classes(task) else {}
    # A decoder's head for tokens has dropout where nothing is said.
    if family in DECODERS and task == "token-classification":
        labels |= dict(classifier_dropout=0.0)
    if model_type == "distilbert" and task == "question-answering":
        labels |= dict(qa_dropout=0.0)
    config = AutoConfig.for_model(model_type, **settings, **labels)
    TASKS[task][0].from_config(config).save_pretrained(folder)
    tensors = [specified(name, tensor) for name, tensor in sorted(load_file(folder / "model.safetensors").items())]
    save_file({t[0]: values(*t) for t in tensors}, folder / "model.safetensors", {"format": "pt"})
    saved = json.loads((folder / "config.json").read_text())
    return model_type, {k: v for k, v in saved.items() if k != "transformers_version"}, tensors


def specified(name, tensor):
    """Far from the initial values, so that every part shows in the losses; normalisation weights stay near 1 where they begin there."""
    # DoRA's magnitudes begin at the norms of the weights, which are about 1.
    center = 1 if (tensor == 1).all() or "magnitude" in name else 0
    # An update as large as the weight itself makes training chaotic: the last digit of the first loss would be the first of the last one's.
    bound = 0.1 if "lora_" in name and "magnitude" not in name else 0.3 if center or tensor.ndim < 2 else round(1.5 / tensor.shape[-1] ** 0.5, 3)
    return [name, list(tensor.shape), center, bound]


def specified_adapter(model):
    if hasattr(model, "bottleneck_config"):
        return [specified_bottleneck(name, tensor.detach().numpy()) for name, tensor in sorted(trained_names(model).items())]
    stored = get_peft_model_state_dict(model)
    named = trained_names(model) | untrained(stored)
    return [specified(name, tensor.detach().numpy()) for name, tensor in sorted((stored if set(stored) == set(named) else named).items())]


def specified_bottleneck(name, tensor):
    """Products small beside what they are added to, as an adapter's are."""
    small = 0.2 if name.startswith("adapters.") and tensor.ndim == 2 else None
    specification = specified(name, tensor)
    return specification[:3] + [small] if small else specification


def golden_of(family, method, task, folder):
    wide, precision = method.startswith("qlora"), PRECISIONS.get(method)
    model_type, config, base = write_base(folder, family, task, wide)
    rows = rows_of(task)
    learning_rate = SETTINGS["learningRate"] * (1 if method.startswith("full") else 2.5) * (0.05 if task == "embedding" else 1)
    settings = SETTINGS | dict(learningRate=learning_rate)
    runs, adapter, spec, quantized = {}, None, None, []
    for dtype in (torch.float64, torch.float32):
        peft_config, spec = METHODS[method](model_type, TASKS[task][1])
        plain = base_model(folder, task)
        quantized = quantized_names(plain, spec.get("modulesToSave", [])) if wide else []
        model = with_method(plain, peft_config)
        if peft_config:
            adapter = adapter_of(model)
        freeze(model, spec.get("freeze", []))
        if wide:
            quantize(model, quantized, spec.get("doubleQuantization", False))
            spec |= dict(targetModules=endings(adapted_modules(model), model))
        if precision:
            round_frozen(model, precision)
        runs[dtype] = train(model.to(dtype), task, rows, settings, config.get("pad_token_id") or 0, spec)
    exact, single = runs[torch.float64], runs[torch.float32]
    noise = max(abs(a["loss"] - b["loss"]) / abs(b["loss"]) for a, b in zip(single.steps, exact.steps))
    assert noise < MOST_NOISE, f"PyTorch's own fp32 is {noise:.1e} away from its fp64"
    return {
        "family": family, "method": method, "task": task,
        "spec": {"method": spec, **({"model": {"precision": precision}} if precision else {}), "training": settings},
        "config": config,
        "base": base,
        **({"adapter": adapter} if adapter else {}),
        **({"quantized": quantized} if quantized else {}),
        **({"body": f"{plain.base_model_prefix}."} if isinstance_body(plain) else {}),
        "rows": rows,
        "noise": noise,
        "steps": exact.steps,
        "weights": weights_of(exact, single),
    }


def isinstance_body(model):
    """Whether it is the bare body, whose names lack what it is called in models with a head."""
    return model.base_model is model


def adapted_modules(model):
    return [n.removeprefix("base_model.model.") for n, m in model.named_modules() if hasattr(m, "base_layer")]


def endings(chosen, model):
    """The shortest ends of names that name these linear modules and no other."""
    others = [n for n, m in model.named_modules() if isinstance(m, (torch.nn.Linear, Conv1D)) and not n.endswith(("base_layer", "default")) and "lora_" not in n]
    found = set()
    for name in chosen:
        parts = name.split(".")
        short = next(".".join(parts[-k:]) for k in range(1, len(parts) + 1) if not any(f".{o}".endswith("." + ".".join(parts[-k:])) for o in others))
        found.add(short)
    return sorted(found)


def untrained(stored):
    """VeRA's matrices, which all its modules share."""
    return {name: tensor for name, tensor in stored.items() if name.startswith("base_model.vera_")}


def adapter_of(model):
    """The adapter's first values, set in the model; its configuration as PEFT saves it."""
    tensors = specified_adapter(model)
    named = trained_names(model)
    if hasattr(model, "peft_config"):
        named |= untrained(get_peft_model_state_dict(model))
    with torch.no_grad():
        for t in tensors:
            named[t[0]].copy_(torch.from_numpy(values(*t)))
    if hasattr(model, "bottleneck_config"):
        return {"config": model.bottleneck_config.saved() | {"base_model_name_or_path": None}, "tensors": tensors}
    config = model.peft_config["default"].to_dict()
    kept = {k: sorted(v) if isinstance(v, set) else v for k, v in config.items() if v is not None and k != "peft_version"}
    return {"config": json.loads(json.dumps(kept, default=str)) | {"base_model_name_or_path": None}, "tensors": tensors}


def weights_of(exact, single):
    """Of each trained tensor: its change as values or projections, its norm, PyTorch's own distance, what is left out."""
    largest = max(g.max() for _, _, g in exact.tensors.values())
    found = {}
    for name, (before, after, gradient) in sorted(exact.tensors.items()):
        other_before, other_after, other_gradient = single.tensors[name]
        unknown = ((gradient < NO_GRADIENT * largest) & (other_gradient > 0)).ravel()
        change, other = (np.where(unknown, 0, (b - a).ravel()) for a, b in ((before, after), (other_before, other_after)))
        norm = float(np.linalg.norm(change))
        entry = {"shape": list(before.shape), "norm": norm, "noise": float(np.linalg.norm(change - other)) / norm if norm else 0.0}
        if unknown.any():
            entry["leftOut"] = ranges(unknown)
        if not unknown.all():
            entry["change" if change.size <= SMALL else "projections"] = (change if change.size <= SMALL else directions(name, change.size) @ change).tolist()
        found[name] = entry
    return found


def ranges(mask):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return edges.reshape(-1, 2).tolist()
