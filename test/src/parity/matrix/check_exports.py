"""Loads what cells exported in transformers and PEFT and compares their logits with those of the trained graphs (exports.slow.test.ts)."""

import json
import sys
from pathlib import Path

import torch
from bottleneck import BOTTLENECK, with_saved_bottlenecks
from nf4 import dequantized
from peft import PeftModel
from reference import round_frozen
from tasks import CLASSES, TASKS, has_classes
from transformers import logging
from transformers.pytorch_utils import Conv1D

TOLERANCE = 1e-4
logging.set_verbosity_error()
logging.disable_progress_bar()


def load(case, folder, name):
    auto = TASKS[case["task"]][0]
    exported = folder / name
    labels = dict(num_labels=CLASSES) if has_classes(case["task"]) else {}
    if not (exported / "adapter_config.json").exists():
        return auto.from_pretrained(exported, dtype=torch.float32)
    base = auto.from_pretrained(folder / "base-model", dtype=torch.float32, **labels)
    for name in case["quantized"]:
        module = base.get_submodule(name)
        values = module.weight.detach().numpy()
        turned = isinstance(module, Conv1D)
        read = torch.from_numpy(dequantized((values.T if turned else values).copy(), case["double"]))
        module.weight.data = read.T.contiguous() if turned else read
    if case["precision"] != "fp32":
        round_frozen(base.requires_grad_(False), case["precision"])
    config = json.loads((exported / "adapter_config.json").read_text())
    return with_saved_bottlenecks(base, exported, config) if config["peft_type"] == BOTTLENECK else PeftModel.from_pretrained(base, exported)


def logits_of(task, out):
    if task == "embedding":
        return out.last_hidden_state.mean(1)
    if task == "question-answering":
        return torch.stack((out.start_logits, out.end_logits), -1)
    return out.logits


def difference(case, model):
    worst = 0.0
    for ids, ours in zip(case["inputs"], case["logits"]):
        with torch.no_grad():
            out = model(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long))
        logits = logits_of(case["task"], out)
        if logits.dim() == 3:  # virtual tokens stand in front
            logits = logits[:, -len(ids) :]
        logits = logits.flatten()
        assert logits.numel() == len(ours), f"{logits.numel()} logits, ours {len(ours)}"
        worst = max(worst, (logits - torch.tensor(ours)).abs().max().item())
    return worst


def main(folder):
    for path in sorted(Path(folder).glob("*/ours.json")):
        case = json.loads(path.read_text())
        for name in ("exported", "merged"):
            if not (path.parent / name).exists():
                continue
            worst = difference(case, load(case, path.parent, name).eval())
            said = "agrees" if worst < TOLERANCE else "DIFFERS"
            print(f"{path.parent.name} {name}: {said}: largest difference of a logit {worst:.1e}")


if __name__ == "__main__":
    main(sys.argv[1])
