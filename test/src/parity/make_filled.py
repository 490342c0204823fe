"""Golden of hidden tokens that are filled in: transformers' probabilities of the matrix' tiny BERT.

    python test/src/parity/make_filled.py     (writes goldens/heads/filled.json)
"""

import json
import sys
import tempfile
from pathlib import Path

import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "matrix"))
from cell import write_base
from tasks import MASK
from transformers import BertForMaskedLM

rows = [[9, MASK, 12, 30], [5, 6, MASK, 7, 8, MASK, 40, 41, 42], [MASK]]
with tempfile.TemporaryDirectory() as folder:
    write_base(Path(folder), "bert", "masked-lm", False)
    model = BertForMaskedLM.from_pretrained(folder).double().eval()
fills = []
for ids in rows:
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
    hidden = logits[torch.tensor(ids) == MASK].softmax(-1).topk(5)
    fills.append([[{"token": f"w{i}", "score": p} for i, p in zip(*of)] for of in zip(hidden.indices.tolist(), hidden.values.tolist())])
golden = {"mask": MASK, "texts": [" ".join("[MASK]" if i == MASK else f"w{i}" for i in ids) for ids in rows], "fills": fills}
(HERE / "goldens" / "heads" / "filled.json").write_text(json.dumps(golden) + "\n")
