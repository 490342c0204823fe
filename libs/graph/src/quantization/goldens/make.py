"""Makes nf4.json: pip install torch bitsandbytes; python make.py. Small: five blocks of weights, as bitsandbytes 0.50 quantises them."""
import json
from pathlib import Path

import bitsandbytes.functional as F
import torch

torch.manual_seed(0)
weights = torch.randn(316) * 0.05
weights[64:128] = 0  # a block of zeros has no scale
golden = {"weights": weights.tolist()}
for name, double in (("plain", False), ("double", True)):
    codes, state = F.quantize_4bit(weights, quant_type="nf4", blocksize=64, compress_statistics=double)
    golden[name] = {"codes": codes.flatten().tolist(), "values": F.dequantize_4bit(codes, state).flatten().tolist()}
Path(__file__).with_name("nf4.json").write_text(json.dumps(golden) + "\n")
