"""Questions with the texts that they are about, by transformers (text_pair, only_second), for some of the folders of vocabularies.py, with the
tokens of the answers as run_qa.py finds them.

    python libs/data/src/tokenizer/goldens/pairs.py     (writes pairs.json next to this script)
"""

import base64
import json
import pathlib
import tempfile

from transformers import AutoTokenizer

here = pathlib.Path(__file__).parent
made = json.loads((here / "vocabularies.json").read_text())
NAMES = ["RoBERTa", "MPNet, cased, with its accents", "XLM-R", "DeBERTa v3", "ALBERT"]
# Answers begin inside of words, and behind characters that take two units of UTF-16.
ROWS = [
    {"question": "what jumps?", "context": "The quick-brown fox jumps over the lazy dog.", "answer": "quick-brown fox"},
    {"question": "Größe", "context": "🙂🎉 the café in Größe 3.14, it's 你好，世界!", "answer": "Größe 3.14"},
    {"question": "the", "context": "two words  and aaaaaaaaaaaaaaaa more", "answer": "aaaa more"},
    {"question": "the", "context": "the same the same", "answer": "the"},
    {"question": "who said that?", "context": "nobody has", "answer": None},
]


def case(name):
    one = next(case for case in made["cases"] if case["name"] == name)
    with tempfile.TemporaryDirectory() as folder:
        for file, text in {**made["vocabularies"][one["vocabulary"]], **one["files"]}.items():
            content = base64.b64decode(text) if file.endswith(".model") else text.encode()
            (pathlib.Path(folder) / file).write_bytes(content)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        longest = max(len(tokenizer(row["question"], row["context"])["input_ids"]) for row in ROWS)
        return {"name": name, "rows": [encoded(tokenizer, row, length) for row in ROWS for length in (longest, longest - 4)]}


def encoded(tokenizer, row, length):
    found = tokenizer(row["question"], row["context"], truncation="only_second", max_length=length, return_offsets_mapping=True, return_token_type_ids=True)
    offsets, sequences = found["offset_mapping"], found.sequence_ids()
    said = {"maxLength": length, "row": ROWS.index(row), "inputIds": found["input_ids"], "tokenTypes": found["token_type_ids"]}
    first, last = (f([i for i, s in enumerate(sequences) if s == 1]) for f in (min, max))
    said |= {"first": first, "offsets": offsets[first : last + 1]}
    if row["answer"] is None:
        return said | {"span": [0, 0]}
    start = row["context"].index(row["answer"])
    end = start + len(row["answer"])
    # run_qa.py: prepare_train_features
    if not (offsets[first][0] <= start and offsets[last][1] >= end):
        return said | {"span": None}
    low, high = first, last
    while low < len(offsets) and low <= last and offsets[low][0] <= start:
        low += 1
    while offsets[high][1] >= end and high >= first:
        high -= 1
    return said | {"span": [low - 1, high + 1]}


(here / "pairs.json").write_text(json.dumps({"rows": ROWS, "cases": [case(name) for name in NAMES]}, ensure_ascii=False) + "\n")
