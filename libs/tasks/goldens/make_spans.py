"""Exact match and F1 of SQuAD's official script (evaluate-v2.0.py), whose functions these are.

    python libs/tasks/goldens/make_spans.py
"""

import collections
import json
import re
import string
from pathlib import Path


def normalize_answer(s):
    def remove_articles(text):
        return re.compile(r"\b(a|an|the)\b", re.UNICODE).sub(" ", text)

    def white_space_fix(text):
        return " ".join(text.split())

    def remove_punc(text):
        return "".join(ch for ch in text if ch not in set(string.punctuation))

    return white_space_fix(remove_articles(remove_punc(s.lower())))


def get_tokens(s):
    return normalize_answer(s).split() if s else []


def compute_exact(a_gold, a_pred):
    return int(normalize_answer(a_gold) == normalize_answer(a_pred))


def compute_f1(a_gold, a_pred):
    gold_toks, pred_toks = get_tokens(a_gold), get_tokens(a_pred)
    num_same = sum((collections.Counter(gold_toks) & collections.Counter(pred_toks)).values())
    if len(gold_toks) == 0 or len(pred_toks) == 0:
        return int(gold_toks == pred_toks)
    if num_same == 0:
        return 0
    precision, recall = num_same / len(pred_toks), num_same / len(gold_toks)
    return (2 * precision * recall) / (precision + recall)


CASES = [
    ("Denver Broncos", ["Denver Broncos", "The Denver Broncos", "Broncos"]),
    ("the Broncos of Denver", ["Denver Broncos"]),
    ("", []),
    ("Paris", []),
    ("", ["Paris"]),
    ("a", ["the"]),
    ("The", ["Paris"]),
    ("U.S.", ["US", "the United States"]),
    ("January 7, 2012", ["7 January 2012"]),
    ("new new york", ["New York, New York"]),
    ("  the\u00a0Eiffel\u2003Tower ", ["Eiffel tower"]),
    ("théâtre à Paris", ["Théâtre à Paris"]),
    ("an apple a day", ["apple day"]),
    ("“the house”", ["house"]),
    ("$5,000", ["5000", "5,000 dollars"]),
    ("a_b the-c", ["ab thec", "a b c"]),
    ("ÀA Москва", ["àa москва"]),
    ("Beyoncé", ["Beyonce"]),
    ("東京 the 東京", ["東京"]),
    ("thea an", ["thea"]),
    ("a\u0301 b", ["\u0301 b"]),
    ("x\u001cy", ["x y"]),
]


def scored(said, answers):
    gold_answers = [a for a in answers if normalize_answer(a)] or [""]
    return {"said": said, "answers": answers, "exactMatch": max(compute_exact(a, said) for a in gold_answers), "f1": max(compute_f1(a, said) for a in gold_answers)}


rows = [scored(*case) for case in CASES]
Path(__file__).with_name("spans.json").write_text(json.dumps(rows, indent=1) + "\n")
