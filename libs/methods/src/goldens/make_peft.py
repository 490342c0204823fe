"""Makes peft/: adapters of every type that PEFT saved for the tiny models of @temper/models, with the logits that PEFT computes.

    pip install torch transformers peft safetensors
    python make_peft.py [NAME...] && npx prettier --write .     (all of them where none is named)
"""

import json
import pathlib
import sys

import torch
from peft import IA3Config, LNTuningConfig, LoHaConfig, LoraConfig, PrefixTuningConfig, PromptTuningConfig, VeraConfig, get_peft_model
from transformers import BertForSequenceClassification, LlamaForCausalLM

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parents[2] / "models" / "src" / "goldens"
IDS = [[5, 9, 2, 31, 7, 7, 18, 3, 11], [4, 8, 1, 22, 0, 0, 0, 0, 0]]
MASK = [[1] * 9, [1] * 4 + [0] * 5]
LLAMA = ("llama-tiny", LlamaForCausalLM, "CAUSAL_LM")
BERT = ("bert-tiny", BertForSequenceClassification, "SEQ_CLS")


def lora(**settings):
    return lambda task: LoraConfig(task_type=task, **dict(r=2, lora_alpha=6) | settings)


ADAPTERS = {
    "lora-regex": (LLAMA, lora(target_modules=r".*layers\.1\..*(q|v)_proj")),
    "lora-all-linear": (LLAMA, lora(target_modules="all-linear")),
    "lora-patterns": (LLAMA, lora(target_modules=["q_proj", "down_proj"], rank_pattern={"q_proj": 3}, alpha_pattern={r"layers\.0\..*down_proj": 5})),
    "lora-saved": (LLAMA, lora(target_modules=["v_proj"], modules_to_save=["input_layernorm"])),
    "lora-dora": (LLAMA, lora(target_modules=["q_proj", "up_proj"], use_dora=True)),
    "lora-rslora": (LLAMA, lora(target_modules=["q_proj"], use_rslora=True)),
    # PEFT saves the base's table along.
    "lora-table": (LLAMA, lora(target_modules=["q_proj", "embed_tokens"])),
    "lora-classifier": (BERT, lora(target_modules="all-linear")),
    "ia3": (LLAMA, lambda task: IA3Config(task_type=task, target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"])),
    "ia3-classifier": (BERT, lambda task: IA3Config(task_type=task, target_modules=["key", "value"], feedforward_modules=[])),
    "ln-tuning": (LLAMA, lambda task: LNTuningConfig(task_type=task, target_modules=["input_layernorm", "model.norm"])),
    "ln-tuning-classifier": (BERT, lambda task: LNTuningConfig(task_type=task, target_modules=["LayerNorm"])),
    "loha": (LLAMA, lambda task: LoHaConfig(task_type=task, r=2, alpha=6, target_modules=["q_proj", "down_proj"], alpha_pattern={"down_proj": 5})),
    "loha-classifier": (BERT, lambda task: LoHaConfig(task_type=task, r=2, alpha=6, rank_pattern={"value": 3}, rank_dropout=0.1)),
    "vera": (LLAMA, lambda task: VeraConfig(task_type=task, r=5, target_modules=["q_proj", "down_proj"], projection_prng_key=7)),
    "vera-classifier": (BERT, lambda task: VeraConfig(task_type=task, r=4, target_modules="all-linear", vera_dropout=0.1)),
    "prompt-tuning": (LLAMA, lambda task: PromptTuningConfig(task_type=task, num_virtual_tokens=3)),
    "prefix-tuning": (LLAMA, lambda task: PrefixTuningConfig(task_type=task, num_virtual_tokens=2)),
}


def make(name, base, config):
    folder, kind, task = base
    torch.manual_seed(0)
    model = get_peft_model(kind.from_pretrained(MODELS / folder), config(task))
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                p.add_(0.3 * torch.randn(p.shape, generator=generator))
    model.eval()
    place = HERE / "peft" / name
    model.save_pretrained(place)
    (place / "README.md").unlink(missing_ok=True)
    saved = json.loads((place / "adapter_config.json").read_text())
    (place / "adapter_config.json").write_text(json.dumps(saved | {"base_model_name_or_path": folder}, indent=2) + "\n")
    with torch.no_grad():
        out = model(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(MASK)).logits.double()
    if out.dim() == 3:  # the real tokens only, without those in front
        out = out[:, -len(IDS[0]) :][torch.tensor(MASK).bool()]
    (place / "golden.json").write_text(json.dumps({"input_ids": IDS, "attention_mask": MASK, "base": folder, "logits": out.tolist()}) + "\n")


for name in sys.argv[1:] or ADAPTERS:
    make(name, *ADAPTERS[name])
