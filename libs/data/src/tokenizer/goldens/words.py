"""Words that are tokenised one by one, by transformers (is_split_into_words), for some of the folders of vocabularies.py.

    python libs/data/src/tokenizer/goldens/words.py     (writes words.json next to this script)
"""

import base64
import json
import pathlib
import tempfile

from transformers import AutoTokenizer

here = pathlib.Path(__file__).parent
made = json.loads((here / "vocabularies.json").read_text())
# As in run_ner.py, with the space before each word where byte-level BPE has it.
NAMES = {"RoBERTa": True, "GPT-2 with a space before the text, and a BOS token": True, "MPNet": False, "XLM-R": False, "DeBERTa v3": False}
WORDS = [
    ["Hello", "world", ",", "it's", "the", "quick-brown", "fox", "!"],
    ["Größe", "café", "İ", "你好，世界", "🙂🎉", "1234567", "3.14"],
    ["two words", "\u200b", "aaaaaaaaaaaaaaaa"],
    ["x"],
    [],
]


def case(name, space):
    one = next(case for case in made["cases"] if case["name"] == name)
    with tempfile.TemporaryDirectory() as folder:
        for file, text in {**made["vocabularies"][one["vocabulary"]], **one["files"]}.items():
            content = base64.b64decode(text) if file.endswith(".model") else text.encode()
            (pathlib.Path(folder) / file).write_bytes(content)
        tokenizer = AutoTokenizer.from_pretrained(folder, **({"add_prefix_space": True} if space else {}))
        rows = []
        for words in WORDS:
            encoded = tokenizer(words, is_split_into_words=True)
            places = encoded.word_ids()
            rows.append({
                "inputIds": encoded["input_ids"],
                "starts": [places.index(word) if word in places else -1 for word in range(len(words))],
            })
    return {"name": name, "rows": rows}


(here / "words.json").write_text(json.dumps({"words": WORDS, "cases": [case(*one) for one in NAMES.items()]}, ensure_ascii=False) + "\n")
