"""Bottleneck adapters put into transformers' models by hand, where AdapterHub's `adapters` has them (docs/decisions/0033-bottleneck-places.md)."""

from dataclasses import dataclass

import torch
from safetensors.torch import load_file
from transformers.activations import get_activation

# As PEFT finds what it trains whole: every module whose name ends so.
CLASSIFIERS = ("classifier.", "score.")


BOTTLENECK = "TEMPER_BOTTLENECK"


@dataclass
class BottleneckConfig:
    style: str
    reduction_factor: float
    non_linearity: str

    @property
    def parts(self):
        return ("attention", "mlp") if self.style == "houlsby" else ("mlp",)

    def saved(self):
        return {"peft_type": BOTTLENECK, "style": self.style, "reduction_factor": self.reduction_factor, "non_linearity": self.non_linearity}


@dataclass
class Place:
    # What makes y, the part's output; what gets x, and as which argument; the norm behind y or behind x + y.
    last: str
    residual: tuple | None
    norm: str | None = None


BERT = {
    "attention": Place("attention.output.dense", ("attention.output", 1), "attention.output.LayerNorm"),
    "mlp": Place("output.dense", ("output", 1), "output.LayerNorm"),
}
LLAMA = {"attention": Place("self_attn.o_proj", ("input_layernorm", 0)), "mlp": Place("mlp.down_proj", ("post_attention_layernorm", 0))}
GEMMA = {
    "attention": Place("self_attn.o_proj", ("input_layernorm", 0), "post_attention_layernorm"),
    "mlp": Place("mlp.down_proj", ("pre_feedforward_layernorm", 0), "post_feedforward_layernorm"),
}
NEOX = {"attention": Place("attention.dense", ("input_layernorm", 0)), "mlp": Place("mlp.dense_4h_to_h", ("post_attention_layernorm", 0))}
PLACES = {
    "bert": BERT, "roberta": BERT, "xlm-roberta": BERT, "electra": BERT, "deberta-v2": BERT,
    "mpnet": BERT | {"attention": Place("attention.attn.o", ("attention", 0), "attention.LayerNorm")},
    "distilbert": {"attention": Place("attention.out_lin", ("attention", 0), "sa_layer_norm"), "mlp": Place("ffn.lin2", ("ffn", 0), "output_layer_norm")},
    "albert": {"attention": Place("attention.dense", ("attention", 0), "attention.LayerNorm"), "mlp": Place("ffn_output", ("ffn", 0), "full_layer_layer_norm")},
    "modernbert": {"attention": Place("attn.Wo", ("attn_norm", 0)), "mlp": Place("mlp.Wo", ("mlp_norm", 0))},
    "olmo2": {"attention": Place("self_attn.o_proj", ("self_attn", 0), "post_attention_layernorm"), "mlp": Place("mlp.down_proj", ("mlp", 0), "post_feedforward_layernorm")},
    "gemma2": GEMMA, "gemma3_text": GEMMA,
    "gpt2": {"attention": Place("attn.c_proj", ("ln_1", 0)), "mlp": Place("mlp.c_proj", ("ln_2", 0))},
    "gptj": {"attention": Place("attn.out_proj", ("ln_1", 0)), "mlp": Place("mlp.fc_out", None)},
    "gpt_neox": NEOX,
    "opt": {"attention": Place("self_attn.out_proj", ("self_attn_layer_norm", 0)), "mlp": Place("fc2", ("final_layer_norm", 0))},
}


def places_of(config):
    """Where attention and MLP go from one input (GPT-NeoX, Command-R), nothing stands between them that an adapter could see."""
    places = PLACES.get(config.model_type, LLAMA)
    parallel = getattr(config, "use_parallel_residual", config.model_type == "cohere")
    return places | ({"mlp": Place(places["mlp"].last, None)} if parallel else {})


class Bottleneck(torch.nn.Module):
    """y + up(f(down(z))): Houlsby et al. 2019 have z = y, Pfeiffer et al. 2021 what the layer itself would make of y and its input."""

    def __init__(self, config, width):
        super().__init__()
        inner = max(1, int(width // config.reduction_factor))
        self.down, self.up = torch.nn.Linear(width, inner), torch.nn.Linear(inner, width)
        self.activation, self.sees_sum = get_activation(config.non_linearity), config.style == "pfeiffer"
        self.residual = None

    def forward(self, y, norm):
        z = y
        if self.sees_sum:
            z = y if self.residual is None else y + self.residual
            z = norm(z) if norm else z
        return y + self.up(self.activation(self.down(z)))


def insert(layer, place, bottleneck):
    norm = layer.get_submodule(place.norm) if place.norm else None
    # Granite multiplies what is added, which the adapter is a part of.
    factor = getattr(layer, "residual_multiplier", 1)
    layer.get_submodule(place.last).register_forward_hook(lambda _, __, y: bottleneck(y * factor, norm) / factor)
    if place.residual:
        name, argument = place.residual

        def keep(_, args, kwargs):
            bottleneck.residual = args[argument] if len(args) > argument else list(kwargs.values())[argument - len(args)]

        layer.get_submodule(name).register_forward_pre_hook(keep, with_kwargs=True)


def layers_of(model):
    """The first list of as many modules as the model has layers; of ALBERT, those with weights of their own."""
    if groups := getattr(model.base_model.encoder, "albert_layer_groups", None) if hasattr(model.base_model, "encoder") else None:
        return [layer for group in groups for layer in group.albert_layers]
    count = model.config.num_hidden_layers
    return next(m for m in model.modules() if isinstance(m, torch.nn.ModuleList) and len(m) == count)


def with_bottlenecks(model, config):
    """The adapters and the task's head are trained, all else stays."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = any(end in name for end in CLASSIFIERS)
    places, layers = places_of(model.config), torch.nn.ModuleList()
    for layer in layers_of(model):
        made = torch.nn.ModuleDict({part: Bottleneck(config, model.config.hidden_size) for part in config.parts})
        for part, bottleneck in made.items():
            insert(layer, places[part], bottleneck)
        layers.append(made)
    model.adapters = torch.nn.Module()
    model.adapters.layers = layers
    model.bottleneck_config = config
    return model


def with_saved_bottlenecks(model, folder, config):
    """The model with the adapter of a folder: all that is in it has a place, and all that would be trained is in it."""
    made = with_bottlenecks(model, BottleneckConfig(config["style"], config["reduction_factor"], config["non_linearity"]))
    saved = load_file(folder / "adapter_model.safetensors")
    places = {stored_name(name): parameter for name, parameter in made.named_parameters() if parameter.requires_grad}
    assert set(saved) == set(places), set(saved) ^ set(places)
    with torch.no_grad():
        for name, parameter in places.items():
            parameter.copy_(saved[name])
    return made


def stored_name(name):
    """In the exported file: what is the model's own as PEFT names it."""
    return name if name.startswith("adapters.") else f"base_model.model.{name}"
