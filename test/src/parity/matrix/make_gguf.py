"""Makes goldens/gguf/FAMILY.gguf: the base model of a cell as llama.cpp stores it, in F32, with the names of the `gguf` package.

    pip install gguf numpy
    python make_gguf.py
"""

import json
import math
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


def by_parts(w, heads):
    """What it does to a fused projection whose rows are heads of queries, keys and values: all queries first."""
    return w.reshape(heads, 3, -1, *w.shape[1:]).swapaxes(0, 1).reshape(w.shape)


def sizes(writer, config):
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])


def llama(writer, config):
    sizes(writer, config)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    return lambda module, w: permuted(w, heads[module]) if module in heads else w


def granite(writer, config):
    restored = llama(writer, config)
    writer.add_attention_scale(config["attention_multiplier"])
    writer.add_embedding_scale(config["embedding_multiplier"])
    writer.add_residual_scale(config["residual_multiplier"])
    writer.add_logit_scale(config["logits_scaling"])
    return restored


def cohere(writer, config):
    sizes(writer, config)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_logit_scale(config["logit_scale"])
    writer.add_rope_scaling_type(gguf.RopeScalingType.NONE)
    return lambda module, w: w


def gpt_neox(writer, config):
    sizes(writer, config)
    heads = config["num_attention_heads"]
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_rope_dimension_count(int(config["rope_parameters"]["partial_rotary_factor"] * (config["hidden_size"] // heads)))
    writer.add_parallel_residual(config["use_parallel_residual"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    return lambda module, w: by_parts(w, heads) if module == "query_key_value" else w


def phi3(writer, config):
    sizes(writer, config)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    rope = config["rope_parameters"]
    size = config["hidden_size"] // config["num_attention_heads"]
    writer.add_rope_dimension_count(int(rope["partial_rotary_factor"] * size))
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_sliding_window(config["sliding_window"] or 0)
    if rope["rope_type"] == "longrope":
        original = config["original_max_position_embeddings"]
        writer.add_rope_scaling_orig_ctx_len(original)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(config["max_position_embeddings"] / original) / math.log(original)))
        for kind in ("long", "short"):
            writer.add_tensor(f"rope_factors_{kind}.weight", np.array(rope[f"{kind}_factor"], dtype=np.float32))
    return lambda module, w: w


def gemma2(writer, config):
    sizes(writer, config)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
    writer.add_final_logit_softcapping(config["final_logit_softcapping"])
    writer.add_sliding_window(config["sliding_window"])
    return lambda module, w: w + np.float32(1) if "norm" in module else w


def qwen3(writer, config):
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    llama(writer, config)
    return lambda module, w: w


def qwen2(writer, config):
    llama(writer, config)
    return lambda module, w: w


def gemma3(writer, config):
    sizes(writer, config)
    local, scaled = (config["rope_parameters"][kind] for kind in ("sliding_attention", "full_attention"))
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_sliding_window(config["sliding_window"])
    writer.add_sliding_window_pattern(config["layer_types"].index("full_attention") + 1)
    writer.add_rope_freq_base(scaled["rope_theta"])
    writer.add_float32("gemma3.rope.freq_base_swa", local["rope_theta"])
    writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
    writer.add_rope_scaling_factor(scaled["factor"])
    return lambda module, w: w + np.float32(1) if "norm" in module else w


def gpt2(writer, config):
    writer.add_block_count(config["n_layer"])
    writer.add_context_length(config["n_positions"])
    writer.add_embedding_length(config["n_embd"])
    writer.add_feed_forward_length(config["n_inner"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    return lambda module, w: w.T if module in ("c_attn", "c_proj", "c_fc") else w


def make(family, architecture, describe):
    golden = json.loads((HERE / f"{family}--full--causal-lm.json").read_text())
    config = golden["config"]
    path = HERE / "gguf" / f"{family}.gguf"
    path.parent.mkdir(exist_ok=True)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[architecture])
    stored = describe(writer, config)
    tokenizer(writer, config["vocab_size"])
    names = gguf.get_tensor_name_map(architecture, config.get("num_hidden_layers") or config["n_layer"])
    for tensor in golden["base"]:
        name = names.get_name(tensor[0], try_suffixes=(".weight", ".bias"))
        writer.add_tensor(name, np.ascontiguousarray(stored(tensor[0].split(".")[-2], values(*tensor))))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path.name}: {path.stat().st_size} bytes")


make("llama", gguf.MODEL_ARCH.LLAMA, llama)
make("gpt_neox", gguf.MODEL_ARCH.GPTNEOX, gpt_neox)
make("smollm3-interval", gguf.MODEL_ARCH.SMOLLM3, llama)
make("phi3-partial", gguf.MODEL_ARCH.PHI3, phi3)
make("phi3-long", gguf.MODEL_ARCH.PHI3, phi3)
make("gemma2-published", gguf.MODEL_ARCH.GEMMA2, gemma2)
make("qwen2", gguf.MODEL_ARCH.QWEN2, qwen2)
make("qwen3", gguf.MODEL_ARCH.QWEN3, qwen3)
make("granite", gguf.MODEL_ARCH.GRANITE, granite)
make("gpt2", gguf.MODEL_ARCH.GPT2, gpt2)
make("gemma3_text", gguf.MODEL_ARCH.GEMMA3, gemma3)
make("olmo2", gguf.MODEL_ARCH.OLMO2, qwen2)
make("cohere", gguf.MODEL_ARCH.COMMAND_R, cohere)
