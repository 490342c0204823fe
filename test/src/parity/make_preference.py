"""Goldens of preferences: losses of 20 steps of TRL's DPOTrainer and ORPOTrainer on the tests' tiny chat model, and the metrics of test pairs after these.

    python make_preference.py FOLDER     (that `writeTinyChat` of card-models.ts wrote; writes goldens/preference.json)

Needs torch, transformers, datasets and trl 1.16. Batches are in the order of the rows, without dropout; the reference is the model before.
The model's padding token ends each message: torch's Embedding leaves that row's gradient out.
"""

import json
import random
import sys
import tempfile
from pathlib import Path

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

STEPS, BATCH, RATE, LENGTH = 20, 6, 1e-3, 64
WORDS = "a good film and bad meal the day was very fine so it felt poor".split()
# The model's own, with its newlines before messages: ORPOTrainer adds an end token to texts that end in another one.
ENDED = (
    "{{ '<|im_start|>system\\nYou are a film critic.<|im_end|>' }}"
    "{% for m in messages %}{{ '\\n<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '\\n<|im_start|>assistant\\n' }}{% endif %}"
)


def said(role, content):
    return {"role": role, "content": content}


def chat(prompt, chosen, rejected):
    return {"prompt": [said("user", prompt)], "chosen": [said("assistant", chosen)], "rejected": [said("assistant", rejected)]}


def whole_chat(prompt, chosen, rejected):
    row = chat(prompt, chosen, rejected)
    return {side: row["prompt"] + row[side] for side in ("chosen", "rejected")}


def texts(prompt, chosen, rejected):
    return {"prompt": prompt, "chosen": " " + chosen, "rejected": " " + rejected}


def whole_texts(prompt, chosen, rejected):
    return {side: f"\n\nHuman: {prompt}\n\nAssistant: {said}" for side, said in (("chosen", chosen), ("rejected", rejected))}


def rows_of(form, count, chance):
    text = lambda most: " ".join(chance.choices(WORDS, k=chance.randint(1, most)))
    return [form(text(4), "good " + text(4), "bad " + text(3)) for _ in range(count)]


class DPO(DPOTrainer):
    def _get_train_sampler(self, *_):
        return torch.utils.data.SequentialSampler(self.train_dataset)


class ORPO(ORPOTrainer):
    def _get_train_sampler(self, *_):
        return torch.utils.data.SequentialSampler(self.train_dataset)

    def concatenated_forward(self, model, batch):
        """The likelihood that is learnt is that of the answers, as in the paper; TRL's is that of the prompts too."""
        chosen, rejected, *logits, _ = super().concatenated_forward(model, batch)
        return chosen, rejected, *logits, -chosen.mean()


def case(folder, loss, form, beta=0.1, template=None, smoothing=0.0):
    chance = random.Random(5)
    rows = {"train": rows_of(form, 24, chance), "test": rows_of(form, 20, chance)}
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = template or tokenizer.chat_template
    common = dict(
        beta=beta, learning_rate=RATE, lr_scheduler_type="constant", per_device_train_batch_size=BATCH, per_device_eval_batch_size=20,
        max_steps=STEPS, logging_steps=1, max_grad_norm=1e9, weight_decay=0.0, max_length=LENGTH, use_cpu=True, bf16=False, report_to=[],
        save_strategy="no", gradient_checkpointing=False, disable_dropout=True, logging_first_step=True,
    )
    names = {"dpo": "sigmoid", "ipo": "ipo"}
    with tempfile.TemporaryDirectory() as out:
        data = dict(train_dataset=Dataset.from_list(rows["train"]), eval_dataset=Dataset.from_list(rows["test"]))
        if loss == "orpo":
            trainer = ORPO(model=model, args=ORPOConfig(output_dir=out, **common), processing_class=tokenizer, **data)
        else:
            more = dict(precompute_ref_log_probs=True, label_smoothing=smoothing)
            if smoothing:  # of "sigmoid" there is none; "aot" sorts within a batch, and in one of a single pair is DPO, smoothed
                common |= dict(per_device_train_batch_size=1, gradient_accumulation_steps=BATCH)
            config = DPOConfig(output_dir=out, loss_type=["aot" if smoothing else names[loss]], **more, **common)
            trainer = DPO(model=model, args=config, processing_class=tokenizer, **data)
        trainer.train()
        losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
        found = trainer.evaluate()
    keys = {"rewardChosen": "chosen", "rewardRejected": "rejected", "rewardMargin": "margins", "rewardAccuracy": "accuracies"}
    metrics = {} if loss == "orpo" else {name: found[f"eval_rewards/{key}"] for name, key in keys.items()}
    if loss == "dpo" and not smoothing:  # that is measured without
        metrics["loss"] = found["eval_loss"]
    extra = ({"template": template} if template else {}) | ({"labelSmoothing": smoothing} if smoothing else {})
    return {"loss": loss, "form": form.__name__, "beta": beta, **extra, "rows": rows, "steps": losses, "metrics": metrics}


folder = sys.argv[1]
cases = [
    case(folder, "dpo", chat),
    case(folder, "dpo", whole_chat, beta=0.3),
    case(folder, "dpo", texts),
    case(folder, "dpo", whole_texts, beta=0.5),
    case(folder, "dpo", chat, smoothing=0.1),
    case(folder, "dpo", texts, beta=0.5, smoothing=0.3),
    case(folder, "ipo", chat),
    case(folder, "ipo", texts, beta=0.2),
    case(folder, "orpo", chat, template=ENDED),
    case(folder, "orpo", chat, beta=0.5, template=ENDED),
]
out = Path(__file__).parent / "goldens" / "preference.json"
out.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
