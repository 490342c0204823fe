"""Makes the files of the folder models: models of a few hundred weights, and copies of their files with one fault each.

    pip install numpy safetensors
    python make-models.py
"""

import json
import pathlib
import struct

import numpy as np
from safetensors.numpy import save

HERE = pathlib.Path(__file__).parent / "models"
rng = np.random.default_rng(1)


def weights(*shape):
    return (0.3 * rng.standard_normal(shape)).astype(np.float32)


def folder(name, config, tensors):
    (HERE / name).mkdir(exist_ok=True)
    (HERE / name / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (HERE / name / "model.safetensors").write_bytes(save(tensors))


# ---- a Llama of hidden size 4, and faults of its files -------------------------------------------------------------

LLAMA = dict(
    model_type="llama", vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
    intermediate_size=4, max_position_embeddings=16, rms_norm_eps=1e-6, tie_word_embeddings=True,
)
layer = {
    "input_layernorm": (4,), "self_attn.q_proj": (4, 4), "self_attn.k_proj": (2, 4), "self_attn.v_proj": (2, 4),
    "self_attn.o_proj": (4, 4), "post_attention_layernorm": (4,), "mlp.gate_proj": (4, 4), "mlp.up_proj": (4, 4), "mlp.down_proj": (4, 4),
}
llama = {"model.embed_tokens.weight": weights(8, 4), "model.norm.weight": weights(4)}
llama |= {f"model.layers.0.{k}.weight": weights(*shape) for k, shape in layer.items()}
folder("llama", LLAMA, llama)

BERT = dict(
    model_type="bert", vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=2, intermediate_size=4,
    max_position_embeddings=8, type_vocab_size=2,
)
bert = {f"embeddings.{k}_embeddings.weight": weights(n, 4) for k, n in dict(word=8, position=8, token_type=2).items()}
for module, shape in {
    "embeddings.LayerNorm": (4,), **{f"encoder.layer.0.attention.self.{k}": (4, 4) for k in ("query", "key", "value")},
    "encoder.layer.0.attention.output.dense": (4, 4), "encoder.layer.0.attention.output.LayerNorm": (4,),
    "encoder.layer.0.intermediate.dense": (4, 4), "encoder.layer.0.output.dense": (4, 4), "encoder.layer.0.output.LayerNorm": (4,),
}.items():
    bert[f"{module}.weight"] = weights(*shape)
    bert[f"{module}.bias"] = weights(shape[0])
folder("bert", BERT, bert)


def variant(name, **changes):
    tensors = dict(llama)
    for key, value in changes.items():
        key = key.replace("__", ".")
        if value is None:
            del tensors[key]
        else:
            tensors[key] = value
    (HERE / f"{name}.safetensors").write_bytes(save(tensors))


UP = "model__layers__0__mlp__up_proj__weight"


def spoiled(value, dtype):
    w = llama["model.layers.0.mlp.up_proj.weight"].astype(dtype)
    w[1, 2] = value
    return w


variant("nan-f32", **{UP: spoiled(np.nan, np.float32)})
variant("infinite-f16", **{UP: spoiled(-np.inf, np.float16)})
variant("beyond-f64", **{UP: spoiled(1e300, np.float64)})
variant("head-equal", lm_head__weight=llama["model.embed_tokens.weight"])
variant("head-other", lm_head__weight=weights(8, 4))
variant("head-only", model__embed_tokens__weight=None, lm_head__weight=weights(8, 4))
variant("integer", **{UP: np.ones((4, 4), np.int32)})
variant("qk-norm", model__layers__0__self_attn__q_norm__weight=weights(2))
variant("query-bias", model__layers__0__self_attn__q_proj__bias=weights(4))
variant("gptq", **{UP: None, "model__layers__0__mlp__up_proj__qweight": np.ones((1, 4), np.int32)})
variant("twice", **{"layers__0__mlp__up_proj__weight": weights(4, 4)})


def raw_safetensors(name, header, data=64):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(data))


def entry(shape=(4, 4), offsets=(0, 64), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


raw_safetensors("dtype-object", {"w": entry(dtype={"toString": 1})})
raw_safetensors("overlap", {"v": entry((4,), (0, 16)), "w": entry()})
raw_safetensors("hole", {"w": entry((4,), (48, 64))})
raw_safetensors("name-twice", b'{"w":%s,"w":%s}' % ((json.dumps(entry()).encode(),) * 2))
raw_safetensors("metadata-number", {"__metadata__": {"step": 1}, "w": entry()})
raw_safetensors("float-shape", b'{"w":{"dtype":"F32","shape":[4.0,4],"data_offsets":[0,64]}}')
raw_safetensors("nested", b'{"w":{"dtype":"F32","shape":' + b"[" * 3000 + b"]" * 3000 + b',"data_offsets":[0,64]}}')
raw_safetensors("huge-shape", {"w": entry((2**33, 2**33))})
raw_safetensors("list", [1])
raw_safetensors("bad-utf8", b'{"\xff":%s}' % json.dumps(entry()).encode())
(HERE / "header-length.safetensors").write_bytes(struct.pack("<Q", 1 << 62) + b"{}")
(HERE / "pickle.safetensors").write_bytes(b"\x80\x02}q\x00.and more bytes of a pickle")
(HERE / "zip.safetensors").write_bytes(b"PK\x03\x04" + bytes(40))
(HERE / "empty.safetensors").write_bytes(b"")
(HERE / "lfs-pointer").write_text(
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 437951328\n"
)
(HERE / "page.html").write_text("<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n")
index = lambda shard: json.dumps({"weight_map": {"model.norm.weight": shard}}) + "\n"
(HERE / "index-outside.json").write_text(index("../../secret.safetensors"))
(HERE / "index-missing.json").write_text(index("model-00002-of-00002.safetensors"))

# ---- GGUF ----------------------------------------------------------------------------------------------------------

U32, F32, BOOL, STRING, ARRAY = 4, 6, 7, 8, 9


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, v):
    if kind == STRING:
        return text(v)
    if kind == ARRAY:
        inner, items = v
        return struct.pack("<IQ", inner, len(items)) + b"".join(value(inner, item) for item in items)
    return struct.pack({U32: "<I", F32: "<f", BOOL: "<?"}[kind], v)


def pair(key, kind, v):
    return text(key) + struct.pack("<I", kind) + value(kind, v)


TOKENS = ["<unk>", "<s>", "</s>", "a", "b", "ab", "c", "d"]
METADATA = {
    "general.architecture": (STRING, "llama"),
    "llama.block_count": (U32, 1),
    "llama.context_length": (U32, 16),
    "llama.embedding_length": (U32, 4),
    "llama.feed_forward_length": (U32, 4),
    "llama.attention.head_count": (U32, 2),
    "llama.attention.head_count_kv": (U32, 1),
    "llama.attention.layer_norm_rms_epsilon": (F32, 1e-6),
    "tokenizer.ggml.model": (STRING, "llama"),
    "tokenizer.ggml.tokens": (ARRAY, (STRING, TOKENS)),
    "tokenizer.ggml.scores": (ARRAY, (F32, [0.0] * 8)),
    "tokenizer.ggml.token_type": (ARRAY, (U32, [2, 3, 3, 1, 1, 1, 1, 1])),
}
NAMES = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
TENSORS = {"token_embd.weight": llama["model.embed_tokens.weight"], "output_norm.weight": llama["model.norm.weight"]}
TENSORS |= {f"blk.0.{NAMES[k]}.weight": llama[f"model.layers.0.{k}.weight"] for k in layer}


def gguf(name, metadata=METADATA, tensors=TENSORS, alignment=32, infos=lambda rows: rows, pairs=(), version=3, counts=None):
    """A file by hand, as the writer of gguf-py makes no wrong ones. A tensor is [name, dimensions, type, offset, bytes]."""
    rows, at = [], 0
    for key, w in tensors.items():
        data = w.tobytes()
        data += bytes(-len(data) % alignment)
        rows.append([key, list(reversed(w.shape)), 0, at, data])
        at += len(data)
    rows = infos(rows)
    entries = [pair(k, *v) for k, v in metadata.items()] + list(pairs)
    head = b"GGUF" + struct.pack("<IQQ", version, *(counts or (len(rows), len(entries)))) + b"".join(entries)
    for key, dimensions, kind, offset, _ in rows:
        head += text(key) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, kind, offset)
    (HERE / f"{name}.gguf").write_bytes(head + bytes(-len(head) % alignment) + b"".join(row[4] for row in rows))


def moved(rows, offset):
    rows[1][3] = offset
    return rows


def typed(rows, kind):
    rows[-1][2] = kind
    return rows


def sized(rows, *dimensions):
    rows[-1][1] = list(dimensions)
    return rows


gguf("good")
gguf("block-count", METADATA | {"llama.block_count": (U32, 1_000_000_000)})
gguf("vocabulary-only", tensors={})
gguf("overlapping", infos=lambda rows: moved(rows, 0))
gguf("gap", infos=lambda rows: moved(rows, 256))
gguf("unaligned", infos=lambda rows: moved(rows, 130))
gguf("alignment-zero", METADATA | {"general.alignment": (U32, 0)})
gguf("alignment-odd", METADATA | {"general.alignment": (U32, 24)})
gguf("tensor-type", infos=lambda rows: typed(rows, 77))
gguf("tensor-type-iq", infos=lambda rows: [*rows, ["output.weight", [256], 16, rows[-1][3] + len(rows[-1][4]), bytes(96)]])
gguf("tensor-twice", infos=lambda rows: rows + [rows[-1]])
gguf("tensor-negative", infos=lambda rows: sized(rows, 4, 2**64 - 4))
gguf("tensor-huge", infos=lambda rows: sized(rows, 2**31, 2**31))
gguf("tensor-rank", infos=lambda rows: sized(rows, 1, 1, 1, 1, 1, 16))
gguf("key-twice", pairs=[pair("llama.block_count", U32, 1)])
gguf("value-type", pairs=[text("odd") + struct.pack("<I", 99)])
gguf("list-of-lists", pairs=[text("odd") + struct.pack("<IIQ", ARRAY, ARRAY, 1)])
gguf("string-length", pairs=[text("odd") + struct.pack("<IQ", STRING, 2**60)])
gguf("list-length", pairs=[text("odd") + struct.pack("<IIQ", ARRAY, STRING, 2**60)])
gguf("tensor-count", counts=(2**63, 12))
gguf("entry-count", counts=(11, 2**64 - 1))
gguf("version-1", version=1)
gguf("big-endian", version=3 << 24)
gguf("split", METADATA | {"split.count": (U32, 3)})
gguf("adapter", METADATA | {"general.type": (STRING, "adapter")})
gguf("experts", METADATA | {"llama.expert_count": (U32, 8)})
gguf("partial-rotary", METADATA | {"llama.rope.dimension_count": (U32, 1)})
gguf("heads-by-layer", METADATA | {"llama.attention.head_count_kv": (ARRAY, (U32, [1]))})
gguf("yarn", METADATA | {"llama.rope.scaling.type": (STRING, "yarn")})
gguf("qk-norm", tensors=TENSORS | {"blk.0.attn_q_norm.weight": weights(2)})
gguf("nan", tensors=TENSORS | {"blk.0.ffn_up.weight": spoiled(np.nan, np.float32)})
(HERE / "cut.gguf").write_bytes((HERE / "good.gguf").read_bytes()[:1400])
(HERE / "header-cut.gguf").write_bytes((HERE / "good.gguf").read_bytes()[:500])
(HERE / "other.gguf").write_bytes(b"this is something else entirely, and long enough")

# ---- names that wrappers give, adapters that are not merged, types, shards ---------------------------------------------


def renamed(name, to, tensors=llama):
    (HERE / f"{name}.safetensors").write_bytes(save({to(key): value for key, value in tensors.items()}))


renamed("names-module", lambda key: f"module.{key}")
renamed("names-compiled", lambda key: f"_orig_mod.{key}")
renamed("names-peft", lambda key: f"base_model.model.{key}")
renamed("names-roberta", lambda key: f"roberta.{key}", bert)
renamed("names-bare", lambda key: key.removeprefix("model."))
renamed("base-layer", lambda key: key.replace("q_proj.", "q_proj.base_layer."))
variant("unmerged", model__layers__0__self_attn__q_proj__lora_A__default__weight=weights(2, 4))
variant("f64", **{key.replace(".", "__"): value.astype(np.float64) for key, value in llama.items() if "mlp" in key})
variant("vocabulary-padded", model__embed_tokens__weight=weights(16, 4))
variant("layer-gap", **{key.replace(".", "__"): None for key in llama if "layers.0" in key}, **{
    key.replace("layers.0", "layers.1").replace(".", "__"): value for key, value in llama.items() if "layers.0" in key
})
names = sorted(llama)
shard_names = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
for i, part in enumerate((names[:6], names[6:])):
    (HERE / f"shard-{i + 1}.safetensors").write_bytes(save({key: llama[key] for key in part}))
whole = {key: shard_names[0 if key in names[:6] else 1] for key in names}


def index(name, weight_map, before=""):
    (HERE / f"index-{name}.json").write_text(before + json.dumps({"metadata": {}, "weight_map": weight_map}, indent=1) + "\n")


index("whole", whole)
index("short", {key: shard for key, shard in whole.items() if shard == shard_names[0]})
index("swapped", {**whole, names[0]: shard_names[1]})
index("absent", {**whole, "lm_head.weight": shard_names[1]})
index("absolute", {key: f"/models/{shard}" for key, shard in whole.items()})
index("pickles", {key: shard.replace(".safetensors", ".bin") for key, shard in whole.items()})
index("list", names)
index("marked", whole, "\ufeff")
(HERE / "upper.GGUF").write_bytes((HERE / "good.gguf").read_bytes())

# ---- GGUF files that people have ------------------------------------------------------------------------------------


def without(*keys):
    return {key: value for key, value in METADATA.items() if key not in keys}


gguf("old-version", version=2)
gguf("new-version", version=4)
gguf("alignment-64", METADATA | {"general.alignment": (U32, 64)}, alignment=64)
gguf("alignment-lie", METADATA | {"general.alignment": (U32, 64)})
gguf("own-head", tensors=TENSORS | {"output.weight": weights(8, 4)})
gguf("rows-padded", tensors=TENSORS | {"token_embd.weight": weights(12, 4)})
gguf("theta-nan", METADATA | {"llama.rope.freq_base": (F32, float("nan"))})
gguf("end-outside", METADATA | {"tokenizer.ggml.eos_token_id": (U32, 99)})
gguf("no-tokenizer", {key: value for key, value in METADATA.items() if not key.startswith("tokenizer.")})
gguf("no-scores", without("tokenizer.ggml.scores"))
gguf("no-merges", METADATA | {"tokenizer.ggml.model": (STRING, "gpt2")})
gguf("no-heads", without("llama.attention.head_count"))
gguf("no-up", tensors={key: value for key, value in TENSORS.items() if "ffn_up" not in key})
gguf("window", METADATA | {"llama.attention.sliding_window": (U32, 4)})
gguf("rope-freqs", tensors=TENSORS | {"rope_freqs.weight": np.array([8], np.float32)})
for architecture in "qwen2", "bert", "clip":
    gguf(f"of-{architecture}", METADATA | {"general.architecture": (STRING, architecture)})
(HERE / "behind.gguf").write_bytes((HERE / "good.gguf").read_bytes() + b"more")
(HERE / "nothing.gguf").write_bytes(b"")
(HERE / "ggjt.gguf").write_bytes(b"tjgg" + bytes(60))
(HERE / "weights.gguf").write_bytes((HERE / "llama/model.safetensors").read_bytes())
