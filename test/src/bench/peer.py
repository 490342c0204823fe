"""The same work in PyTorch + transformers + PEFT: reads a job (JSON) from stdin, prints {stepMs, losses, maxRssBytes}.

What a careful practitioner runs: scaled dot-product attention, the fused AdamW that transformers.Trainer takes by
default, batches padded to their longest row, and a bare loop without Trainer's bookkeeping.
"""

import json
import resource
import sys
import time
from pathlib import Path

job = json.load(sys.stdin)

import torch  # noqa: E402  (the number of threads is set before anything runs)

torch.set_num_threads(job["threads"])
sys.path.insert(0, str(Path(job["reference"])))

from peft import LoraConfig, PeftModel, get_peft_model  # noqa: E402
from transformers import (  # noqa: E402
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    get_scheduler,
    logging,
)

from reference import micro_batches, parameter_groups, read_jsonl, step_groups  # noqa: E402

logging.set_verbosity_error()
logging.disable_progress_bar()


# The 16 values of NF4 (QLoRA, appendix E), and blocks of 64 weights with one scale each, as bitsandbytes has them.
NF4 = torch.tensor(
    [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635]
    + [-0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725]
    + [0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941]
    + [0.7229568362236023, 1.0]
)


def leave_nf4(model):
    """The body's linear weights become the values that 4 bits leave of them."""
    between = (NF4[1:] + NF4[:-1]) / 2
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            blocks = module.weight.data.reshape(-1, 64)
            scale = blocks.abs().amax(1, keepdim=True)
            nearest = NF4[torch.bucketize(blocks / scale, between)]
            module.weight.data = (nearest * scale).reshape(module.weight.shape)


def load():
    torch.manual_seed(0)
    if job["task"] == "sequence-classification":
        model = AutoModelForSequenceClassification.from_pretrained(
            job["model"], num_labels=job["classes"], dtype=torch.float32
        )
    else:
        model = AutoModelForCausalLM.from_pretrained(job["model"], dtype=torch.float32)
        model.config.use_cache = False
    if job["nf4"]:
        leave_nf4(model)
    if job["adapter"]:
        return PeftModel.from_pretrained(model, job["adapter"], is_trainable=True)
    if job["lora"]:
        lora = job["lora"]
        model = get_peft_model(
            model, LoraConfig(r=lora["r"], lora_alpha=lora["alpha"], target_modules=lora["targetModules"])
        )
    return model


def mean_loss(model, batch):
    """transformers' own loss: the mean over counted tokens or examples."""
    return model(**batch).loss


def evaluate(model, rows):
    total, counted = 0.0, 0
    model.eval()
    with torch.no_grad():
        for batch, count in micro_batches(rows, job["batch"], job["pad"]):
            total += mean_loss(model, batch).item() * count
            counted += count
    model.train()
    return total / counted


def main():
    model = load().train()
    rows = read_jsonl(job["data"])
    test = read_jsonl(job["test"]) if job.get("test") else None
    before = evaluate(model, test) if test else None
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.01), lr=job["learningRate"], fused=True)
    scheduler = get_scheduler("linear", optimizer, 0, job["steps"])
    step_ms, losses = [], []
    for group in step_groups(micro_batches(rows, job["batch"], job["pad"]), 1, job["steps"]):
        start = time.perf_counter()
        loss = mean_loss(model, group[0][0])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        step_ms.append((time.perf_counter() - start) * 1000)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    result = {"stepMs": step_ms, "losses": losses, "maxRssBytes": rss}
    if test:
        result["evaluation"] = {"before": before, "after": evaluate(model, test)}
    print(json.dumps(result))


main()
