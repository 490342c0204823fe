"""Makes added-tokens.json: tokenizers of this folder with other files beside them, and transformers' ids of texts.

    pip install transformers
    python added_tokens.py
"""
import json
import pathlib
import shutil
import tempfile

from transformers import AutoTokenizer

HERE = pathlib.Path(__file__).parent
TEXTS = [
    "THE capital of France, Été",
    "a<extra>b <extra> c",
    "<b2><|im_end|> x[MASK] [CLS]y",
    "<extra><img>  the  ",
    "",
]


def added(content, **more):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, **more}


def case(name, base, settings=None, **files):
    return {"name": name, "base": base, "config": settings or {}, "files": {f"{k}.json": v for k, v in files.items()}}


CASES = [
    *(
        case(f"{kind} with do_lower_case {lower}", "bert", {"tokenizer_class": kind, "do_lower_case": lower})
        for kind in ("BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "PreTrainedTokenizerFast")
        for lower in (True, False)
    ),
    case("a BERT by config.json", "bert", {"do_lower_case": False}, config={"model_type": "bert"}),
    case("a BERT by the class in config.json", "bert", {"do_lower_case": False}, config={"model_type": "bert", "tokenizer_class": "BertTokenizer"}),
    case("no BERT by config.json", "bert", {"do_lower_case": False}, config={"model_type": "llama"}),
    case("a BERT whose accents stay", "bert", {"tokenizer_class": "BertTokenizer", "strip_accents": False}),
    case("a BERT with a token of its own", "bert", {"tokenizer_class": "BertTokenizer", "additional_special_tokens": ["<extra>"]}),
    case("a BERT with added_tokens.json", "bert", {"tokenizer_class": "BertTokenizer"}, added_tokens={"<extra>": 199, "<b2>": 200}),
    case("added_tokens_decoder", "chat", {"added_tokens_decoder": {"0": added("<|endoftext|>", special=True), "400": added("<extra>", special=True)}}),
    case("added_tokens_decoder with another id", "chat", {"added_tokens_decoder": {"500": added("<extra>", special=True), "450": added("<b2>", special=False, normalized=True)}}),
    case("added_tokens_decoder with other white space", "chat", {"added_tokens_decoder": {"2": added("<|im_end|>", special=True, lstrip=True, rstrip=True), "400": added("<extra>", special=False, rstrip=True)}}),
    case("added_tokens_decoder with words alone", "chat", {"added_tokens_decoder": {"400": added("<extra>", special=False, single_word=True)}}),
    case("added_tokens_decoder with a token of the vocabulary", "chat", {"added_tokens_decoder": {"308": added("Ġthe", special=False)}}),
    case("added_tokens.json", "chat", {}, added_tokens={"<extra>": 400}),
    case("added_tokens.json, which nobody reads beside added_tokens_decoder", "chat", {"added_tokens_decoder": {"0": added("<|endoftext|>", special=True)}}, added_tokens={"<extra>": 400}),
    case("additional_special_tokens", "chat", {"additional_special_tokens": ["<extra>", {"__type": "AddedToken", **added("<b2>", lstrip=True)}]}),
    case("extra_special_tokens", "chat", {"extra_special_tokens": ["<extra>"]}),
    case("extra_special_tokens by name", "chat", {"extra_special_tokens": {"image_token": "<img>", "other_token": "<extra>"}}),
    case("a role of the model's own", "chat", {"image_token": "<img>"}),
    case("a padding token that is new", "chat", {"pad_token": "<extra>"}),
    case("special_tokens_map.json", "chat", {}, special_tokens_map={"pad_token": added("<extra>"), "additional_special_tokens": ["<b2>"]}),
    case("add_eos_token, which tokenizer.json overrules", "chat", {"add_eos_token": True, "add_bos_token": True}),
]
for of in CASES:
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "model"
        shutil.copytree(HERE / of["base"], folder)
        config = {**json.loads((folder / "tokenizer_config.json").read_text()), **of["config"]}
        for file, value in {"tokenizer_config.json": config, **of["files"]}.items():
            (folder / file).write_text(json.dumps(value))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        of["ids"] = [tokenizer(text)["input_ids"] for text in TEXTS]
        of["pad"] = tokenizer.pad_token_id
rows = ",\n".join(" " + json.dumps(of, ensure_ascii=False) for of in CASES)
(HERE / "added-tokens.json").write_text(f'{{"texts": {json.dumps(TEXTS, ensure_ascii=False)}, "cases": [\n{rows}\n]}}\n')
