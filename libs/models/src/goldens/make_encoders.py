"""Makes encoders/: tiny random encoders of each family, with odd settings; for every kind of head the logits that transformers
computes, and what its gradients are: of each parameter Σ g², and Σ gᵢ·sin(i).

    pip install torch transformers
    python make_encoders.py && npx prettier --write .
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

HERE = pathlib.Path(__file__).parent / "encoders"
IDS = [[5, 9, 2, 31, 7, 7, 18, 3, 11], [4, 8, 1, 22, 0, 0, 0, 0, 0]]
MASK = [[1] * 9, [1] * 4 + [0] * 5]
REAL = torch.tensor(MASK).bool()
SIZES = dict(vocab_size=32, hidden_size=16, num_hidden_layers=3, num_attention_heads=4, intermediate_size=24, max_position_embeddings=13, num_labels=3)
RATES = dict(hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.4)
DISTIL = dict(vocab_size=32, dim=16, n_layers=3, n_heads=2, hidden_dim=24, max_position_embeddings=13, num_labels=3)
MODERN = {k: v for k, v in SIZES.items() if k != "max_position_embeddings"} | dict(pad_token_id=0, cls_token_id=1, sep_token_id=2, bos_token_id=1, eos_token_id=2, max_position_embeddings=64)
DEBERTA = SIZES | dict(relative_attention=True)

# Folder: the family's class name, its settings, and rates of dropout none of which is 0.
MODELS = {
    "bert": ("Bert", SIZES | dict(hidden_act="gelu_new", layer_norm_eps=1e-5), RATES | dict(classifier_dropout=0.3)),
    "distilbert": ("DistilBert", DISTIL, dict(dropout=0.2, attention_dropout=0.4, seq_classif_dropout=0.3)),
    "distilbert-sinusoidal": ("DistilBert", DISTIL | dict(sinusoidal_pos_embds=True, activation="relu", tie_word_embeddings=False), {}),
    "roberta": ("Roberta", SIZES | dict(type_vocab_size=1, pad_token_id=1), RATES | dict(classifier_dropout=0.3)),
    "xlm-roberta": ("XLMRoberta", SIZES | dict(type_vocab_size=2, pad_token_id=3, layer_norm_eps=1e-5, hidden_act="relu", tie_word_embeddings=False), {}),
    "electra": ("Electra", SIZES | dict(embedding_size=8, type_vocab_size=3), RATES | dict(classifier_dropout=0.3)),
    "electra-square": ("Electra", SIZES | dict(embedding_size=16, hidden_act="relu"), {}),
    "albert": ("Albert", SIZES | dict(embedding_size=8, num_hidden_groups=2, hidden_act="gelu_new"), RATES | dict(classifier_dropout_prob=0.3)),
    "albert-square": ("Albert", SIZES | dict(embedding_size=16, num_hidden_groups=1, type_vocab_size=3, tie_word_embeddings=False), {}),
    "mpnet": ("MPNet", SIZES | dict(relative_attention_num_buckets=32), RATES),
    "deberta-v3": ("DebertaV2", DEBERTA | dict(pos_att_type=["p2c", "c2p"], position_buckets=4, norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False, type_vocab_size=0, pooler_dropout=0.1, pooler_hidden_act="gelu", legacy=False), RATES | dict(pooler_dropout=0.1, cls_dropout=0.3)),
    "deberta-v2": ("DebertaV2", DEBERTA | dict(pos_att_type="c2p|p2c", position_buckets=-1, max_relative_positions=5, position_biased_input=True, type_vocab_size=2, embedding_size=8, pooler_hidden_act="tanh", hidden_act="gelu_new"), {}),
    "deberta-c2p": ("DebertaV2", DEBERTA | dict(pos_att_type=["c2p"], position_buckets=6, max_relative_positions=12, share_att_key=False), {}),
    "deberta-plain": ("DebertaV2", SIZES | dict(relative_attention=False), {}),
    "modernbert": ("ModernBert", MODERN | dict(local_attention=4, global_attn_every_n_layers=2, num_hidden_layers=4, classifier_pooling="mean", norm_eps=1e-4), dict(embedding_dropout=0.2, attention_dropout=0.4, mlp_dropout=0.15, classifier_dropout=0.3)),
    "modernbert-biased": ("ModernBert", MODERN | dict(local_attention=4, num_hidden_layers=2, norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True, decoder_bias=False, classifier_activation="relu", hidden_activation="silu", tie_word_embeddings=False, rope_parameters=dict(full_attention=dict(rope_type="default", rope_theta=500.0), sliding_attention=dict(rope_type="default", rope_theta=20.0))), {}),
}
HEADS = {"sequence-classification": "ForSequenceClassification", "token-classification": "ForTokenClassification", "masked-lm": "ForMaskedLM", "embedding": "Model"}


def spread(model):
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for p in model.parameters():
            noise = torch.randn(p.shape, generator=generator)
            p.copy_(p + 0.3 * noise if p.dim() == 1 else 0.3 * noise)
    return model


def rows_of(model, kind):
    """One row an example, or one a real token."""
    out = model(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(MASK))
    if kind == "embedding":
        mask = REAL.unsqueeze(-1)
        return (out.last_hidden_state * mask).sum(1) / mask.sum(1)
    return out.logits[REAL] if out.logits.dim() == 3 else out.logits


def numbers(model, kind):
    model = model.double().eval()
    rows = rows_of(model, kind)
    labels = torch.tensor([(3 * i + 1) % rows.shape[1] for i in range(len(rows))])
    loss = torch.nn.functional.cross_entropy(rows, labels, reduction="sum")
    loss.backward()
    gradients = {}
    prefix = f"{model.base_model_prefix}." if kind == "embedding" else ""
    for name, p in model.named_parameters():
        if p.grad is not None:
            g = p.grad.flatten()
            gradients[prefix + name] = [(g * g).sum().item(), (g * torch.sin(torch.arange(len(g)).double())).sum().item()]
    return {"logits": rows.tolist(), "labels": labels.tolist(), "loss": loss.item(), "gradients": gradients}


def by_rule(places):
    """As `dropped` of make.py."""

    def dropout(x, p=0.5, training=True, inplace=False):
        b, s = (torch.arange(n) for n in ((x.shape[0], 1) if x.dim() == 2 else (x.shape[0], x.shape[-2])))
        c = torch.arange(x.shape[-1])
        if x.dim() == 4:
            c = torch.arange(x.shape[1])[:, None, None] * x.shape[-1] + c
            b, s = b[:, None, None, None], s[None, None, :, None]
        else:
            b, s = (b[:, None], 0) if x.dim() == 2 else (b[:, None, None], s[None, :, None])
        return x * ((7 * next(places) + 5 * b + 3 * s + c) % 4 != 0) / (1 - p)

    return dropout


def dropped(kind_class, folder, rates, kind):
    config = kind_class.config_class.from_pretrained(folder)
    for rate, value in rates.items():
        setattr(config, rate, value)
    model = kind_class.from_pretrained(folder, config=config, attn_implementation="eager").train()
    own, torch.nn.functional.dropout = torch.nn.functional.dropout, by_rule(iter(range(1000)))
    with torch.no_grad():
        rows = rows_of(model, kind).double()
    torch.nn.functional.dropout = own
    return {"rates": rates, "logits": rows.tolist()}


def make(name):
    family, settings, rates = MODELS[name]
    folder = HERE / name
    config = getattr(transformers, f"{family}Config")(**settings)
    torch.manual_seed(0)
    models, weights = {}, {}
    for kind, suffix in HEADS.items():
        model = spread(getattr(transformers, family + suffix)(config))
        inner = model if kind == "embedding" else getattr(model, model.base_model_prefix)
        if kind == "sequence-classification":
            model.save_pretrained(folder)  # config.json
            body = inner.state_dict()
        inner.load_state_dict(body, strict=False)
        if kind == "embedding":
            models[kind] = model
            continue
        # One file has all heads: what two of them share by name is one.
        own = model.state_dict()
        for key, value in own.items():
            if key in weights and weights[key].shape == value.shape:
                own[key] = weights[key]
        model.load_state_dict(own)
        model.tie_weights()
        models[kind] = model
        tied = set(model.all_tied_weights_keys)
        weights |= {k: v.clone().contiguous() for k, v in model.state_dict().items() if k not in tied}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    content = {"input_ids": IDS, "attention_mask": MASK, "heads": {k: numbers(m, k) for k, m in models.items()}}
    if rates:
        kinds = [k for k in HEADS if k not in ("embedding", "masked-lm")]
        content["dropped"] = {k: dropped(getattr(transformers, family + HEADS[k]), folder, rates, k) for k in kinds}
    (folder / "golden.json").write_text(json.dumps(content) + "\n")


def buckets():
    """Buckets of the distances −600 … 600."""
    distances = torch.arange(-600, 601)
    log = lambda size, most: make_log_bucket_position(distances, size, most).long().tolist()
    content = {
        "mpnet": MPNetEncoder.relative_position_bucket(-distances).tolist(),
        "deberta": [[size, most, log(size, most)] for size, most in [(256, 512), (4, 13), (6, 12), (32, 128), (50, 1000), (254, 511)]],
    }
    (HERE / "buckets.json").write_text(json.dumps(content) + "\n")


for name in sys.argv[1:] or MODELS:
    make(name)
if not sys.argv[1:]:
    buckets()
