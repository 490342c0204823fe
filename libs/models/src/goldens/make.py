"""Makes the small files of this folder: tiny random models with the logits that transformers and PEFT compute for them,
blocks of every GGUF weight type with the values that the `gguf` package reads, a tiny GGUF model, and headers with the verdict of
the safetensors package.

    pip install torch transformers peft gguf safetensors
    python make.py && npx prettier --write .
"""

import base64
import json
import pathlib
import struct

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Quant
from gguf.quants import dequantize, quantize
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import SafetensorError, deserialize
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

HERE = pathlib.Path(__file__).parent
IDS = [[5, 9, 2, 31, 7, 7, 18, 3, 11], [4, 8, 1, 22, 0, 0, 0, 0, 0]]
MASK = [[1] * 9, [1] * 4 + [0] * 5]


def spread(model):
    """Weights far from their initial values, so that every part shows in the logits."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for p in model.parameters():
            noise = torch.randn(p.shape, generator=generator)
            p.copy_(p + 0.3 * noise if p.dim() == 1 else 0.3 * noise)
    return model.eval()


def logits(model):
    with torch.no_grad():
        out = model(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(MASK)).logits.double()
    if out.dim() == 3:  # language model: the real tokens only
        out = out[torch.tensor(MASK).bool()]
    return out.tolist()


def golden(folder, **content):
    (folder / "golden.json").write_text(json.dumps({"input_ids": IDS, "attention_mask": MASK, **content}) + "\n")


def save(name, model, **extra):
    folder = HERE / name
    model.save_pretrained(folder)
    for unused in folder.glob("generation_config.json"):
        unused.unlink()
    golden(folder, logits=logits(model), **extra)


def dropped(name, kind, **rates):
    """The logits in training, with other rates and a mask that is a rule: element c of position s of example b is dropped at
    the i-th place of dropout where 7i + 5b + 3s + c is divisible by 4; of attention weights, c counts head·S + key."""
    model = kind.from_pretrained(HERE / name, attn_implementation="eager", **rates).train()
    places = iter(range(1000))

    def by_rule(x, p=0.5, training=True, inplace=False):
        b, s = (torch.arange(n) for n in ((x.shape[0], 1) if x.dim() == 2 else (x.shape[0], x.shape[-2])))
        c = torch.arange(x.shape[-1])
        if x.dim() == 4:
            c = torch.arange(x.shape[1])[:, None, None] * x.shape[-1] + c
            b, s = b[:, None, None, None], s[None, None, :, None]
        else:
            b, s = (b[:, None], 0) if x.dim() == 2 else (b[:, None, None], s[None, :, None])
        return x * ((7 * next(places) + 5 * b + 3 * s + c) % 4 != 0) / (1 - p)

    own, torch.nn.functional.dropout = torch.nn.functional.dropout, by_rule
    content = {"input_ids": IDS, "attention_mask": MASK, "rates": rates, "logits": logits(model)}
    torch.nn.functional.dropout = own
    (HERE / name / "dropout.json").write_text(json.dumps(content) + "\n")


def adapter(name, base, **settings):
    """A LoRA adapter with values in both factors, saved by PEFT, and the logits with it."""
    model = get_peft_model(base, LoraConfig(r=2, lora_alpha=6, **settings))
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                p.copy_(0.3 * torch.randn(p.shape, generator=generator))
    model.eval()
    model.save_pretrained(HERE / name)
    (HERE / name / "README.md").unlink(missing_ok=True)
    golden(HERE / name, logits=logits(model))


BERT = dict(vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24, max_position_embeddings=12, num_labels=3)
LLAMA = dict(vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=24, max_position_embeddings=64)

torch.manual_seed(0)
bert = spread(BertForSequenceClassification(BertConfig(**BERT)))
save("bert-tiny", bert)
dropped("bert-tiny", BertForSequenceClassification, hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.4, classifier_dropout=0.3)
spread(BertModel(BertConfig(**BERT), add_pooling_layer=False)).save_pretrained(HERE / "bert-bare")
adapter("bert-adapter", bert, task_type="SEQ_CLS", target_modules=["query", "value"])

llama = spread(LlamaForCausalLM(LlamaConfig(**LLAMA, tie_word_embeddings=True, rope_theta=10000.0)))
save("llama-tiny", llama)
dropped("llama-tiny", LlamaForCausalLM, attention_dropout=0.4)
adapter("llama-adapter", llama, task_type="CAUSAL_LM", target_modules=["q_proj", "down_proj"])

LLAMA3 = dict(rope_type="llama3", rope_theta=500.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)
save(
    "llama3-tiny",
    spread(
        LlamaForCausalLM(
            LlamaConfig(**LLAMA | dict(num_key_value_heads=4), head_dim=8, attention_bias=True, mlp_bias=True, tie_word_embeddings=False, rope_parameters=LLAMA3)
        )
    ),
)
save(
    "mistral-tiny",
    spread(MistralForCausalLM(MistralConfig(**LLAMA, head_dim=4, sliding_window=3, tie_word_embeddings=False, attn_implementation="eager"))),
)

# Blocks of random bytes; the half-precision scales are made small and finite.
rng = np.random.default_rng(3)
scales = {Quant.Q4_0: [0], Quant.Q4_1: [0, 2], Quant.Q5_0: [0], Quant.Q5_1: [0, 2], Quant.Q8_0: [0], Quant.IQ4_NL: [0], Quant.Q2_K: [80, 82], Quant.Q3_K: [108], Quant.Q4_K: [0, 2], Quant.Q5_K: [0, 2], Quant.Q6_K: [208]}
blocks = {}
for kind, places in scales.items():
    _, size = gguf.GGML_QUANT_SIZES[kind]
    raw = rng.integers(0, 256, (3, size), dtype=np.uint8)
    for place in places:
        raw[:, place : place + 2] = rng.normal(0, 0.1, (3, 1)).astype(np.float16).view(np.uint8)
    values = dequantize(raw, kind).astype("<f4")
    blocks[kind.name] = {"bytes": base64.b64encode(raw.tobytes()).decode(), "values": base64.b64encode(values.tobytes()).decode()}
(HERE / "gguf-blocks.json").write_text(json.dumps(blocks) + "\n")


def permute(w, heads):
    """What llama.cpp's converter does to q and k for ggml's rotary layout."""
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def tiny_gguf():
    config = LlamaConfig(vocab_size=32, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=96, max_position_embeddings=64, rms_norm_eps=1e-5, rope_theta=100000.0, tie_word_embeddings=True)
    model = spread(LlamaForCausalLM(config))
    writer = gguf.GGUFWriter(HERE / "llama-tiny.gguf", "llama")
    writer.add_name("tiny")
    writer.add_block_count(2)
    writer.add_context_length(64)
    writer.add_embedding_length(64)
    writer.add_feed_forward_length(96)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_freq_base(100000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = list("abcdefgh0123.") + ["Ġ", "Ċ"]
    merged = ["Ġa", "ab", "Ġab", "cd", "12"]
    merges = ["Ġ a", "a b", "Ġ ab", "c d", "1 2"]
    tokens = (specials + alphabet + merged + [f"[unused{i}]" for i in range(32)])[:32]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * 20 + [5] * 9)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template("{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}")
    names = {"model.embed_tokens": "token_embd", "model.norm": "output_norm"}
    inner = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
    for layer in range(2):
        names |= {f"model.layers.{layer}.{k}": f"blk.{layer}.{v}" for k, v in inner.items()}
    for name, p in model.named_parameters():
        if name == "lm_head.weight":
            continue
        module = name.removesuffix(".weight")
        w = p.detach().numpy()
        heads = 4 if module.endswith("q_proj") else 2 if module.endswith("k_proj") else 0
        stored = permute(w, heads) if heads else w
        kind = Quant.F32 if w.ndim == 1 else Quant.F16 if heads else Quant.Q4_1 if "mlp" in name and w.shape[1] % 32 == 0 else Quant.Q8_0
        raw = stored.astype(np.float32) if kind == Quant.F32 else quantize(stored, kind)
        writer.add_tensor(names[module] + ".weight", raw, raw_dtype=kind)
        read = dequantize(raw, kind) if kind != Quant.F32 else raw
        if heads:  # back to Hugging Face's order
            read = read.reshape(heads, w.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(w.shape)
        with torch.no_grad():
            p.copy_(torch.from_numpy(np.array(read, dtype=np.float32)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (HERE / "llama-tiny.gguf.json").write_text(json.dumps({"input_ids": IDS, "attention_mask": MASK, "logits": logits(model)}) + "\n")


tiny_gguf()


def two_heads():
    """A head that is said to be tied, and differs: the logits of transformers, which then does not tie it."""
    folder = HERE / "llama-two-heads"
    tied = LlamaForCausalLM.from_pretrained(HERE / "llama-tiny")
    tied.save_pretrained(folder)
    for unused in folder.glob("generation_config.json"):
        unused.unlink()
    tensors = load_file(folder / "model.safetensors")
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].flip(0).contiguous()
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    golden(folder, logits=logits(LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()))


def verdicts():
    """Headers, with so many bytes of data behind them, and whether the reference takes them."""

    def t(shape, offsets, dtype="F32", **more):
        return {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}

    w = t([2], [0, 8])
    as_text = json.dumps
    cases = [
        ({"w": w}, 8), ({"w": w}, 7), ({"w": w}, 9), ({}, 0), ({}, 8), ([], 0), ("null", 0), ("1", 0), ('""', 0), ("", 0), ("{", 0),
        ({"w": {**w, "extra": 1}}, 8), ({"w": {**w, "extra": 1.5}}, 8), ({"w": None}, 0), ({"w": []}, 0), ({"w": {}}, 0),
        ({"__metadata__": None, "w": w}, 8), ({"__metadata__": {}, "w": w}, 8), ({"__metadata__": {"a": 1}, "w": w}, 8),
        ({"__metadata__": {"a": None}, "w": w}, 8), ({"__metadata__": "x", "w": w}, 8), ({"__metadata__": [], "w": w}, 8),
        (" " + as_text({"w": w}), 8), (as_text({"w": w}) + "   ", 8), (as_text({"w": w}) + "\0\0", 8), ("\ufeff" + as_text({"w": w}), 8),
        (f'{{"__metadata__":{{}},"__metadata__":{{}},"w":{as_text(w)}}}', 8), ('{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8),
        ('{"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', 8), ('{"w":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', 8),
        ('{"w":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}', 0), ('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0.0,8]}}', 8),
        ({"w": t([2], [0, 8, 9])}, 8), ({"w": t([2], [8, 0])}, 8), ({"w": t([-2], [0, 8])}, 8), ({"w": t(["2"], [0, 8])}, 8), ({"w": t(2, [0, 8])}, 8),
        ({"w": t([2], [0])}, 8), ({"w": t([2], {"begin": 0})}, 8), ({"w": t([], [0, 4])}, 4), ({"w": t([0], [0, 0])}, 0), ({"w": t([3], [0, 8])}, 8),
        ({"w": t([2**33, 2**33], [0, 8])}, 8), ({"w": t([2**64], [0, 8])}, 8), ({"w": t([2**31, 2**31, 2**31], [0, 8])}, 8),
        ({"a": t([0], [0, 0]), "w": w, "b": t([0], [8, 8])}, 8), ({"a": t([0], [4, 4]), "w": w}, 8), ({"a": t([1], [0, 4]), "b": t([1], [8, 12])}, 12),
        ({"a": t([1], [0, 4]), "b": t([2], [0, 8])}, 8), ({"a": w, "b": w}, 8), ({"b": t([1], [4, 8]), "a": t([1], [0, 4])}, 8), ({"w": t([2], [4, 12])}, 12),
        ({"a": t([1], [0, 1], "U8"), "w": t([1], [1, 5])}, 5), ({"__proto__": w}, 8), ({"constructor": w}, 8), ({"": w}, 8),
        *[({"w": t([n], [0, size], dtype)}, size) for n, size, dtype in [
            (8, 1, "BOOL"), (8, 8, "BOOL"), (8, 8, "U8"), (8, 8, "I8"), (8, 8, "F8_E4M3"), (8, 8, "F8_E5M2"), (8, 8, "F8_E8M0"), (8, 8, "F8_E4M3FNUZ"),
            (8, 16, "F16"), (8, 16, "BF16"), (8, 16, "I16"), (8, 32, "I32"), (8, 64, "F64"), (8, 64, "C64"), (8, 64, "I64"), (8, 4, "F4"), (3, 2, "F4"), (4, 3, "F6_E2M3"),
            (8, 8, "f32"), (8, 8, "F128"), (8, 8, {"toString": 1}), (8, 8, None), (8, 8, ["F32"]), (8, 32, 0),
        ]],
    ]  # fmt: skip
    found = []
    for header, size in cases:
        text = header if isinstance(header, str) else as_text(header)
        data = text.encode()
        try:
            deserialize(struct.pack("<Q", len(data)) + data + bytes(size))
            taken = True
        except SafetensorError:
            taken = False
        found.append([text, size, taken])
    (HERE / "safetensors-verdicts.json").write_text(json.dumps(found, indent=1) + "\n")


two_heads()
verdicts()
