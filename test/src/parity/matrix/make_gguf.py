"""Makes goldens/gguf/FAMILY.gguf: the base model of a cell as llama.cpp stores it, in F32, with the names of the `gguf` package.

    pip install gguf numpy
    python make_gguf.py
"""

import json
from pathlib import Path

import gguf
import numpy as np
from generator import values

HERE = Path(__file__).parent / "goldens"


def permuted(w, heads):
    """What llama.cpp's converter does to q and k for ggml's rotary layout."""
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def tokenizer(writer, count):
    """Any will do: rows of tokens are what is trained on."""
    tokens = ["<pad>", "<s>", "</s>"] + [chr(ord("A") + i) for i in range(count - 3)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * (count - 3))
    writer.add_token_merges(["A B"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)


def llama(cell):
    golden = json.loads((HERE / f"{cell}.json").read_text())
    config = golden["config"]
    path = HERE / "gguf" / "llama.gguf"
    path.parent.mkdir(exist_ok=True)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    tokenizer(writer, config["vocab_size"])
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    for tensor in golden["base"]:
        module = tensor[0].split(".")[-2]
        w = values(*tensor)
        name = names.get_name(tensor[0], try_suffixes=(".weight", ".bias"))
        writer.add_tensor(name, np.ascontiguousarray(permuted(w, heads[module]) if module in heads else w))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path.name}: {path.stat().st_size} bytes")


llama("llama--full--causal-lm")
