"""Makes the goldens of the parity matrix: a family × method × task each, by transformers and PEFT.

    pip install torch transformers peft safetensors numpy sentence-transformers
    python make.py FAMILY/METHOD/TASK…      # each part may be a pattern: 'qwen2*/lora*/*'
"""

import fnmatch
import itertools
import sys
import tempfile
import traceback
from pathlib import Path

import torch
from cell import golden_of
from families import DECODERS, FAMILIES, config_of
from layout import written
from methods import METHODS
from tasks import TASKS
from transformers import CONFIG_MAPPING, logging

HERE = Path(__file__).parent / "goldens"
logging.set_verbosity_error()
logging.disable_progress_bar()

MAIN = ["full", "lora", "lora-all-linear", "qlora", "ia3"]
ADAPTERS = ["adapter-houlsby", "adapter-pfeiffer"]
PROMPTS = ["prompt-tuning", "prefix-tuning"]
FURTHER = ["lora-rslora", "lora-dora", "lora-plus", "lora-patterns", "lora-saved", "lora-tables", "qlora-double", "qlora-saved", "full-frozen", "full-layer-decay", "adapter-houlsby-gelu", "adapter-pfeiffer-tanh"]
# Those with settings of their own beside a family's main configuration are named `family-setting`.
PLAIN = {"xlm-roberta", "deberta-v2"}
is_variant = lambda family: "-" in family and family not in PLAIN

# PEFT finds no width of a DistilBERT, and a wrong one where tables are narrower than the layers.
UNPROMPTED = {"albert", "distilbert", "electra"}
# Decoders that learn preferences.
PREFERRING = {"llama", "qwen2", "gemma3_text", "gpt2"}
PREFERENCE = ["full", "lora", "qlora", "ia3"]
CLASSES = ["full", "lora", "qlora", "ia3"]
EMBEDDING = ["full", "lora", "qlora", "ia3", "adapter-houlsby", "adapter-pfeiffer"]


def methods_of(family):
    """By task. Those of embeddings need sentence-transformers."""
    others = other_methods_of(family)
    prompted = [] if family in UNPROMPTED else ["prompt-tuning"]
    preferred = {"preference": PREFERENCE} if family in PREFERRING else {}
    return others | preferred | ({} if is_variant(family) else {"embedding": EMBEDDING + prompted})


def other_methods_of(family):
    """By task. Every family with every main method once; the rest where something new is in it."""
    further = FURTHER if family in ("llama", "gpt2", "bert") else []
    if family in DECODERS:
        if is_variant(family):
            return {"causal-lm": ["full", "lora-all-linear"] + (ADAPTERS if family == "gpt_neox-serial" else [])}
        projected = ["prefix-tuning-projection"] if family == "llama" else []
        # Sequence classification reads its class at the end of the padding there: transformers has no ids to find the last token by.
        prompted = ["prompt-tuning"] if family in ("llama", "gpt2", "gemma2") else []
        return {"causal-lm": MAIN + ADAPTERS + PROMPTS + further + projected, "sequence-classification": CLASSES, "token-classification": ["full", "lora", "ia3"] + prompted}
    if is_variant(family):
        return {"sequence-classification": ["full", "lora-all-linear"]}
    prompted = [] if family in UNPROMPTED else ["prompt-tuning"]
    # PEFT trains the head of question answering by the name that ModernBERT's has not.
    answering = ["full"] if family == "modernbert" else ["full", "lora"]
    return {"sequence-classification": MAIN + ADAPTERS + prompted + further, "token-classification": ["full", "lora", "ia3"] + prompted, "masked-lm": CLASSES, "question-answering": answering}


def has_class(family, task):
    """Whether transformers has one for it."""
    mapping = getattr(TASKS[task][0], "_model_mapping", None)
    return mapping is None or CONFIG_MAPPING[config_of(family)[0]] in mapping


def cells(patterns):
    """What is made of every family, what has a golden, and what is named in full."""
    usual = [(family, method, task) for family in FAMILIES for task, methods in methods_of(family).items() if has_class(family, task) for method in methods]
    made = [tuple(path.stem.split("--")) for path in sorted(HERE.glob("**/*--*.json"))]
    every = itertools.product(FAMILIES, METHODS, TASKS)
    named = [cell for cell in every if "/".join(cell) in patterns]
    return list(dict.fromkeys(usual + made + named))


def place_of(name):
    """Where the cell's golden lies; a new one is planned."""
    live = HERE / name
    return live if live.exists() else HERE / "planned" / name


def make(family, method, task):
    name = f"{family}--{method}--{task}.json"
    with tempfile.TemporaryDirectory() as folder:
        golden = golden_of(family, method, task, Path(folder))
    path = place_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(golden))
    print(f"{path.relative_to(HERE)}: {path.stat().st_size} bytes, noise {golden['noise']:.1e}, {len(golden['weights'])} tensors")


def main(patterns):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    failed = 0
    all_cells = cells(patterns)
    for pattern in patterns:
        if not any(fnmatch.fnmatch("/".join(cell), pattern) for cell in all_cells):
            sys.exit(f"{pattern}: no such cell; families are {', '.join(FAMILIES)}; methods {', '.join(METHODS)}; tasks {', '.join(TASKS)}")
    for cell in all_cells:
        if any(fnmatch.fnmatch("/".join(cell), pattern) for pattern in patterns):
            try:
                make(*cell)
            except Exception as error:
                failed += 1
                print(f"{'/'.join(cell)}: {type(error).__name__}: {str(error)[:300]}")
                if len(patterns) == 1 and "*" not in patterns[0]:
                    traceback.print_exc()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
