"""Loads exported models in transformers and PEFT and compares their logits with those of the trained graphs.

    npm run build && node test/dist/parity/export-models.js /tmp/exports
    python test/src/parity/check_export.py /tmp/exports
"""

import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, logging

TOLERANCE = 1e-4
logging.set_verbosity_error()
logging.disable_progress_bar()


def load(case, exported, whole):
    auto = AutoModelForCausalLM if case["task"] == "causal-lm" else AutoModelForSequenceClassification
    if whole:
        return auto.from_pretrained(exported, dtype=torch.float32)
    labels = {} if case["task"] == "causal-lm" else {"num_labels": len(case["logits"][0])}
    base = auto.from_pretrained(case["base"], dtype=torch.float32, **labels)
    return PeftModel.from_pretrained(base, exported)


def main(folder):
    failed = False
    for path in sorted(Path(folder).glob("*/ours.json")):
        case = json.loads(path.read_text())
        for kind in ("exported", "merged"):
            exported = path.parent / kind
            if not exported.exists():
                continue
            model = load(case, exported, whole=case["method"] == "full" or kind == "merged").eval()
            worst = 0.0
            for ids, ours in zip(case["inputs"], case["logits"]):
                with torch.no_grad():
                    logits = model(torch.tensor([ids])).logits.flatten()
                assert logits.numel() == len(ours), f"{path.parent.name}: {logits.numel()} logits, ours {len(ours)}"
                worst = max(worst, (logits - torch.tensor(ours)).abs().max().item())
            verdict = "agrees" if worst < TOLERANCE else "DIFFERS"
            failed |= worst >= TOLERANCE
            print(f"{path.parent.name:18} {kind:8} {verdict}: largest difference of a logit {worst:.1e}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
