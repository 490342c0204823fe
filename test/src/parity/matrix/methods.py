"""Methods: PEFT's configuration, and the same as a pipeline spec says it. Where both are a function, it is of the model."""

from bottleneck import BottleneckConfig
from peft import IA3Config, LNTuningConfig, LoHaConfig, LoraConfig, PrefixTuningConfig, PromptTuningConfig, VeraConfig

ATTENTION = {
    "llama": ("q_proj", "v_proj"), "gpt2": ("c_attn",), "gpt_neox": ("query_key_value",), "phi3": ("qkv_proj",), "distilbert": ("q_lin", "v_lin"), "bert": ("query", "value"),
    "mpnet": ("attn.q", "attn.v"), "deberta-v2": ("query_proj", "value_proj"), "modernbert": ("Wqkv",),
}
FEEDFORWARD = {
    "llama": ("down_proj",), "gpt2": ("mlp.c_proj",), "gpt_neox": ("dense_4h_to_h",), "phi3": ("down_proj",), "opt": ("fc2",), "gptj": ("fc_out",), "distilbert": ("lin2",), "bert": ("output.dense",),
    "modernbert": ("mlp.Wo",), "albert": ("ffn_output",),
}
# PEFT's own search takes DistilBERT's head too, which is trained whole.
ALL_LINEAR = {"distilbert": ["q_lin", "k_lin", "v_lin", "out_lin", "lin1", "lin2"]}
LIKE_BERT = ("bert", "roberta", "xlm-roberta", "electra", "mpnet", "deberta-v2", "albert")


def of(table, model_type):
    return list(table.get(model_type) or table["bert" if model_type in LIKE_BERT else "llama"])


def lora(targets=None, **settings):
    def make(model_type, task_type):
        names = ALL_LINEAR.get(model_type, targets) if targets == "all-linear" else targets or of(ATTENTION, model_type)
        given = dict(r=4, lora_alpha=8) | settings
        config = LoraConfig(task_type=task_type, target_modules=names, fan_in_fan_out=model_type == "gpt2", **given)
        return config, dict(type="lora", r=config.r, alpha=config.lora_alpha, targetModules=names) | spec_of(settings)

    return make


SPEC_NAMES = {"use_rslora": "useRslora", "use_dora": "useDora", "rank_pattern": "rankPattern", "alpha_pattern": "alphaPattern", "modules_to_save": "modulesToSave"}
spec_of = lambda settings: {SPEC_NAMES[k]: list(v) if k == "modules_to_save" else v for k, v in settings.items() if k in SPEC_NAMES}


# By model_type: what is trained whole beside the adapter, tables of tokens.
SAVED = {"llama": ["input_layernorm"], "gpt2": ["ln_f"], "bert": ["pooler.dense"]}
TABLES = {"llama": ["embed_tokens"], "gpt2": ["wte"], "bert": ["word_embeddings"]}
# Patterns of names whose weights stay as they are.
FROZEN = {"llama": ["embed_tokens", r"layers\.0\."], "gpt2": ["wte|wpe", r"h\.0\."], "bert": ["embeddings", r"layer\.0\."]}


def lora_plus(model_type, task_type):
    config, spec = lora()(model_type, task_type)
    return config, spec | dict(loraPlusRatio=4)


def lora_patterns(model_type, task_type):
    first = of(ATTENTION, model_type)[0]
    return lora("all-linear", rank_pattern={first: 2}, alpha_pattern={first: 12})(model_type, task_type)


def lora_saved(model_type, task_type):
    return lora(modules_to_save=list(SAVED[model_type]))(model_type, task_type)


def lora_tables(model_type, task_type):
    return lora(of(ATTENTION, model_type) + TABLES[model_type])(model_type, task_type)


def qlora(model_type, task_type):
    config, spec = lora("all-linear")(model_type, task_type)
    return config, spec | dict(type="qlora")


def qlora_double(model_type, task_type):
    config, spec = qlora(model_type, task_type)
    return config, spec | dict(doubleQuantization=True)


def qlora_saved(model_type, task_type):
    """What is trained whole stays as it is, a linear module too: transformers' llm_int8_skip_modules."""
    config, spec = lora(modules_to_save=list(SAVED[model_type]))(model_type, task_type)
    return config, spec | dict(type="qlora")


def ia3(model_type, task_type):
    attention = ["k_proj", "v_proj"] if of(ATTENTION, model_type) == ["q_proj", "v_proj"] else ["key", "value"] if of(ATTENTION, model_type) == ["query", "value"] else of(ATTENTION, model_type)
    feedforward = of(FEEDFORWARD, model_type)
    # BERT's attention.output.dense ends as its output.dense does: PEFT takes both.
    config = IA3Config(task_type=task_type, target_modules=attention + feedforward, feedforward_modules=feedforward, fan_in_fan_out=model_type == "gpt2")
    return config, dict(type="ia3", targetModules=attention + feedforward, feedforwardModules=feedforward)


NORMS = {"llama": ["input_layernorm", "post_attention_layernorm", "norm"], "gpt2": ["ln_1", "ln_2", "ln_f"], "bert": ["LayerNorm"]}


def ln_tuning(model_type, task_type):
    names = of(NORMS, model_type)
    return LNTuningConfig(task_type=task_type, target_modules=names), dict(type="ln-tuning", targetModules=names)


def loha(*, patterns=False):
    def make(model_type, task_type):
        names = of(ATTENTION, model_type)
        more = dict(rank_pattern={names[0]: 2}, alpha_pattern={names[1]: 12}) if patterns else {}
        config = LoHaConfig(task_type=task_type, target_modules=names, r=3, alpha=6, **more)
        return config, dict(type="loha", r=3, alpha=6, targetModules=names) | {SPEC_NAMES[k]: v for k, v in more.items()}

    return make


def vera(model_type, task_type):
    # Modules of several shapes, which read parts of the matrices.
    names = of(ATTENTION, model_type)[:1] + of(FEEDFORWARD, model_type)
    config = VeraConfig(task_type=task_type, target_modules=names, r=6, fan_in_fan_out=model_type == "gpt2")
    return config, dict(type="vera", r=6, targetModules=names)


def prompt_tuning(model_type, task_type):
    return PromptTuningConfig(task_type=task_type, num_virtual_tokens=3), dict(type="prompt-tuning", numVirtualTokens=3)


def prefix_tuning(projection):
    def make(model_type, task_type):
        more = dict(prefix_projection=True, encoder_hidden_size=12) if projection else {}
        config = PrefixTuningConfig(task_type=task_type, num_virtual_tokens=3, **more)
        return config, dict(type="prefix-tuning", numVirtualTokens=3) | (dict(projection=True, encoderHiddenSize=12) if projection else {})

    return make


def adapter(style, reduction_factor, non_linearity, *, said=True):
    """`said`: the spec names the non-linearity, which is the style's own else."""
    def make(*_):
        spec = dict(type="adapter", style=style, reductionFactor=reduction_factor)
        return BottleneckConfig(style, reduction_factor, non_linearity), spec | (dict(nonLinearity=non_linearity) if said else {})

    return make


# In which the frozen weights of the base are kept (`model.precision`), where it is not fp32: the same method beside it.
PRECISIONS = {"lora-bf16": "bf16", "lora-fp16": "fp16", "ia3-bf16": "bf16", "prompt-tuning-fp16": "fp16", "lora-saved-bf16": "bf16"}

METHODS = {
    "full": lambda *_: (None, dict(type="full")),
    "full-frozen": lambda model_type, _: (None, dict(type="full", freeze=FROZEN[model_type])),
    "full-layer-decay": lambda *_: (None, dict(type="full", layerDecay=0.6)),
    "lora": lora(),
    "lora-plus": lora_plus,
    "lora-patterns": lora_patterns,
    "lora-saved": lora_saved,
    "lora-tables": lora_tables,
    "lora-all-linear": lora("all-linear", r=2, lora_alpha=6),
    "lora-rslora": lora(use_rslora=True),
    "lora-dora": lora(use_dora=True),
    "qlora": qlora,
    "qlora-double": qlora_double,
    "qlora-saved": qlora_saved,
    "ia3": ia3,
    "ln-tuning": ln_tuning,
    "vera": vera,
    "loha": loha(),
    "loha-patterns": loha(patterns=True),
    "adapter-houlsby": adapter("houlsby", 4, "silu", said=False),
    "adapter-pfeiffer": adapter("pfeiffer", 4, "relu", said=False),
    # 16 ÷ 1.6 is 9 for Python, whose division knows that 1.6 is a little more.
    "adapter-houlsby-gelu": adapter("houlsby", 1.6, "gelu"),
    "adapter-pfeiffer-tanh": adapter("pfeiffer", 32, "tanh"),
    "prompt-tuning": prompt_tuning,
    "prefix-tuning": prefix_tuning(False),
    "prefix-tuning-projection": prefix_tuning(True),
}
METHODS |= {name: METHODS[name.rpartition("-")[0]] for name in PRECISIONS}
