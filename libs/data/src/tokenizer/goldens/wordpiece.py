"""Makes wordpiece.json: folders with vocab.txt and no tokenizer.json, and the ids that transformers gives to texts with them.

    pip install transformers
    python wordpiece.py && npx prettier --write wordpiece.json
"""

import json
import pathlib
import tempfile

from transformers import AutoTokenizer

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] hello world ##ing e ##e walk 中 文 caf ##é É , . <x> Hello cafe ! 1 ##2 the , a".split()
VOCAB = "\n".join(dict.fromkeys(WORDS)) + "\n"
TEXTS = [
    "Hello walking 中文 café É, the 12.",
    "[MASK] <x> hello[SEP] a  <new> <n>\tworld\u00a0!",
    "e\u0301 \u0000\ufffd a\u200bb   ",
    "",
    "a" * 101,
    "[CLS] Hello <new1><new2> [cls]",
]


def added(content, **more):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, **more}


def case(name, vocab=VOCAB, **files):
    return name, {"vocab.txt": vocab, **{f"{k}.json": json.dumps(v) for k, v in files.items()}}


CASES = [
    case("no settings at all"),
    case("cased", tokenizer_config={"do_lower_case": False}),
    case("lower case with accents, Chinese as other text", tokenizer_config={"strip_accents": False, "tokenize_chinese_chars": False}),
    case("cased without accents", tokenizer_config={"do_lower_case": False, "strip_accents": True, "tokenizer_class": "BertTokenizer"}),
    case("old settings that nobody reads", tokenizer_config={"tokenizer_class": "BertTokenizerFast", "never_split": ["<x>"], "do_basic_tokenize": False}),
    case("other special tokens", tokenizer_config={"unk_token": "<x>", "cls_token": {"__type": "AddedToken", **added("hello", lstrip=True, normalized=True)}}),
    case("special_tokens_map.json before tokenizer_config.json", tokenizer_config={"sep_token": "walk"}, special_tokens_map={"sep_token": "world", "mask_token": added("[MASK]", lstrip=True)}),
    case("tokenizer_config.json alone where it has its added tokens", tokenizer_config={"sep_token": "walk", "added_tokens_decoder": {"0": added("[PAD]", special=True), "26": added("<n>", special=False, normalized=True)}}, special_tokens_map={"sep_token": "world"}),
    case("additional special tokens, one of them new", tokenizer_config={"additional_special_tokens": ["<x>", "<new>"]}),
    case("additional special tokens of the map", special_tokens_map={"additional_special_tokens": ["<new>", "<n>"]}),
    case("added_tokens.json", tokenizer_config={}, added_tokens={"<new1>": 26, "<new2>": 27}),
    case("a special token that the vocabulary lacks", tokenizer_config={"cls_token": "<gone>"}),
    case("no mask token in the vocabulary", VOCAB.replace("[MASK]\n", "")),
    case("lines that end with CR LF", VOCAB.replace("\n", "\r\n")),
    case("white space behind a token", VOCAB.replace("hello\n", "hello  \n")),
    case("a token twice", VOCAB + "hello\n"),
    case("an empty line", VOCAB.replace("walk\n", "\n")),
    case("no line end behind the last token", VOCAB[:-1]),
    case("a byte order mark", "\ufeff" + VOCAB),
    case("a padding token that is null", tokenizer_config={"pad_token": None}),
]
found = []
for name, files in CASES:
    with tempfile.TemporaryDirectory() as folder:
        for file, text in {"config.json": '{"model_type": "bert"}', **files}.items():
            pathlib.Path(folder, file).write_bytes(text.encode())
        tokenizer = AutoTokenizer.from_pretrained(folder)
        ids = [tokenizer(text)["input_ids"] for text in TEXTS]
    found.append({"name": name, "files": files, "ids": ids})
content = {"texts": TEXTS, "cases": found}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
