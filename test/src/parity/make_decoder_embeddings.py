"""Golden of a decoder's embeddings: the mean of transformers' last hidden states over the real tokens of a padded batch.

    python make_decoder_embeddings.py     (writes goldens/decoder-embeddings.json)
"""

import json
from pathlib import Path

import torch
from transformers import AutoModel

HERE = Path(__file__).parent / "goldens"
rows = [[5, 9, 17, 33, 8, 2], [7, 41, 3], [11, 12, 13, 14]]
longest = max(map(len, rows))
ids = torch.tensor([r + [0] * (longest - len(r)) for r in rows])
mask = torch.tensor([[1] * len(r) + [0] * (longest - len(r)) for r in rows])
model = AutoModel.from_pretrained(HERE / "tiny-llama").double().eval()
with torch.no_grad():
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
(HERE / "decoder-embeddings.json").write_text(json.dumps({"rows": rows, "embeddings": mean.tolist()}) + "\n")
