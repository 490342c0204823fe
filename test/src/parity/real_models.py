"""The goldens of real models: SmolLM2-135M (LoRA, from its GGUF file) and MiniLM-L6 (full fine-tuning).

Their inputs are committed token ids of the repository's LICENSE; the initial adapter and the classification head
are derived from `derived_uniform`, which derived.ts computes as well.
"""

import copy
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from reference import relative, train

HERE = Path(__file__).parent
GOLDENS = HERE / "goldens"


def derived_uniform(shape, seed, bound):
    """Uniform in [-bound, bound) from a 32-bit integer hash of (element index, seed)."""
    x = np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed) * np.uint32(40503)
    for _ in range(2):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
    x = x ^ (x >> np.uint32(16))
    values = (x.astype(np.float64) / 2.0**31 - 1.0) * bound
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def license_chunks(tokenizer, count, longest):
    """Token ids of consecutive pieces of the licence, 8 to `longest` tokens each."""
    text = (HERE / "../../../LICENSE").read_text()
    ids = tokenizer(" ".join(text.split()), add_special_tokens=False)["input_ids"]
    chunks, at = [], 0
    for i in range(count):
        length = 8 + (i * 13) % (longest - 7)
        chunks.append(ids[at : at + length])
        at += length
        if at + longest > len(ids):
            at = 0
    return chunks


def write(name, rows, settings, model, **more):
    """Trains in fp64 for the golden, in fp32 for the noise floor."""
    lines = train(copy.deepcopy(model).double(), rows, 0, **settings)
    noise = relative(train(model, rows, 0, **settings), lines)
    (GOLDENS / f"{name}.jsonl").write_text(
        "".join(json.dumps(r, separators=(",", ":")) + "\n" for r in rows)
    )
    (GOLDENS / f"{name}.json").write_text(json.dumps({**more, **settings, "noise": noise, "steps": lines}, indent=1) + "\n")
    print(f"{name} {lines[0]['loss']:.4f} -> {lines[-1]['loss']:.4f}  fp32/fp64 {noise:.1e}")


def check_dequantised(model, file):
    """transformers' reading of the GGUF against the gguf package's, tensor by tensor (q and k: ggml's row order undone)."""
    state = model.state_dict()
    names = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj"}
    names |= {"attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj"}
    names |= {"ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
    outer = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    heads = {"attn_q": model.config.num_attention_heads, "attn_k": model.config.num_key_value_heads}
    checked = 0
    for tensor in gguf.GGUFReader(file).tensors:
        data = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if tensor.name in outer:
            name = outer[tensor.name]
        else:
            _, layer, part, _ = tensor.name.split(".")
            name = f"model.layers.{layer}.{names[part]}.weight"
            if part in heads:  # [heads, half, 2, in] -> [heads, 2, half, in]
                data = data.reshape(heads[part], 2, -1, data.shape[-1])
                data = data.reshape(heads[part], -1, 2, data.shape[-1]).swapaxes(1, 2)
                data = data.reshape(-1, data.shape[-1])
        assert np.array_equal(data, state[name].numpy()), tensor.name
        checked += 1
    print(f"{checked} tensors: transformers and gguf agree")


def load_smollm2(folder):
    file = next(Path(folder).rglob("*.gguf"))
    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    return model, AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name), file


def make_smollm2(folder):
    model, tokenizer, file = load_smollm2(folder)
    check_dequantised(model, file)
    rows = []
    for i, ids in enumerate(license_chunks(tokenizer, 40, 48)):
        prompt = (i * 5) % (len(ids) // 2)
        rows.append({"input_ids": ids, "labels": [-100] * prompt + ids[prompt:]})
    settings = dict(batch=2, learningRate=2e-4)
    config = LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])
    model = get_peft_model(model, config)
    seed = 0
    for name, parameter in model.named_parameters():
        if "lora_A" in name:
            parameter.data = derived_uniform(parameter.shape, seed, parameter.shape[1] ** -0.5)
            seed += 1
    write("smollm2-lora", rows, settings, model, adapter={"r": 8, "alpha": 16})


def load_minilm(folder, classes=3):
    path = next(Path(folder).rglob("model.safetensors")).parent
    config = AutoConfig.from_pretrained(path)
    config.num_labels = classes
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    model = AutoModelForSequenceClassification.from_pretrained(path, config=config, dtype=torch.float32)
    model.classifier.weight.data = derived_uniform(model.classifier.weight.shape, 7, 0.05)
    model.classifier.bias.data.zero_()
    return model, AutoTokenizer.from_pretrained(path)


def make_minilm(folder):
    model, tokenizer = load_minilm(folder)
    chunks = license_chunks(tokenizer, 160, 46)
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    rows = [{"input_ids": [cls, *ids, sep], "labels": sum(ids[:3]) % 3} for ids in chunks]
    settings = dict(batch=8, learningRate=2e-5)
    write("minilm-full", rows, settings, model, classes=3, headSeed=7, headBound=0.05)
