"""Where transformers' decoders have dropout: logits in training, with masks by a rule, of the matrix' models (dropout.test.ts).

    python make_dropout.py      (writes goldens/dropout/dropout.json)
"""

import json
import tempfile
from pathlib import Path

import torch
from cell import write_base
from families import DECODERS
from make import has_class, is_variant
from tasks import TASKS, collate
from transformers import AutoConfig, logging

HERE = Path(__file__).parent / "goldens" / "dropout"
ATTENTION = dict(attention_dropout=0.4)
# Every rate that a configuration knows, also where no module reads it.
RATES = {
    "phi3": ATTENTION | dict(resid_pdrop=0.2, embd_pdrop=0.3),
    "gpt2": dict(attn_pdrop=0.4, resid_pdrop=0.2, embd_pdrop=0.3),
    "gptj": dict(attn_pdrop=0.4, resid_pdrop=0.2, embd_pdrop=0.3),
    "gpt_neox": ATTENTION | dict(hidden_dropout=0.2),
    "opt": ATTENTION | dict(dropout=0.2),
}
ROWS = [[9, 23, 41, 5, 60, 17, 33, 8, 12], [50, 4, 31, 22, 40, 11]]


def by_rule(places):
    """Element c of position s of example b is dropped at the i-th place of dropout where 7i + 5b + 3s + c is divisible by 4; of attention weights, c counts head·S + key."""

    def dropout(x, p=0.5, training=True, inplace=False):
        if not training or p == 0:
            return x
        if x.dim() == 2:  # OPT flattens what goes through its MLP
            return dropout(x.view(len(ROWS), -1, x.shape[-1]), p).view(x.shape)
        b, s, c = (torch.arange(n) for n in (x.shape[0], x.shape[-2], x.shape[-1]))
        b, s = b[:, None, None], s[None, :, None]
        if x.dim() == 4:
            c = torch.arange(x.shape[1])[:, None, None] * x.shape[-1] + c
            b, s = b[..., None], s[None]
        return x * ((7 * next(places) + 5 * b + 3 * s + c) % 4 != 0) / (1 - p)

    return dropout


def dropped(family, task):
    model_type = DECODERS[family][0]
    rates = RATES.get(model_type, ATTENTION) | (dict(classifier_dropout=0.3) if task == "token-classification" else {})
    with tempfile.TemporaryDirectory() as folder:
        _, _, base = write_base(Path(folder), family, task, False)
        config = AutoConfig.from_pretrained(folder)
        for name, rate in rates.items():
            setattr(config, name, rate)
        model = TASKS[task][0].from_pretrained(folder, config=config, attn_implementation="eager", dtype=torch.float32).train()
    batch, _ = collate([{"input_ids": ids, "labels": ids} for ids in ROWS], config.pad_token_id or 0)
    own, torch.nn.functional.dropout = torch.nn.functional.dropout, by_rule(iter(range(1000)))
    with torch.no_grad():
        logits = model(**batch).logits
    torch.nn.functional.dropout = own
    # What the causal language model's files lack.
    head = [t for t in base if t[0].startswith(("score", "classifier"))]
    return {"rates": rates, "head": head, "logits": [row[len(ids) - 2 : len(ids)].double().tolist() for row, ids in zip(logits, ROWS)]}


if __name__ == "__main__":
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    cells = [(f, "causal-lm") for f in DECODERS] + [(f, "token-classification") for f in DECODERS if not is_variant(f) and has_class(f, "token-classification")]
    found = {}
    for family, task in cells:
        found[f"{family}/{task}"] = dropped(family, task)
    HERE.mkdir(exist_ok=True)
    round6 = lambda x: [round6(y) for y in x] if isinstance(x, list) else round(x, 7)
    lines = [f" {json.dumps(k)}: {json.dumps({'rates': v['rates'], 'head': v['head'], 'logits': round6(v['logits'])}, separators=(',', ':'))}" for k, v in found.items()]
    (HERE / "dropout.json").write_text(json.dumps({"rows": ROWS})[:-1] + ', "cells": {\n' + ",\n".join(lines) + "\n}}\n")
