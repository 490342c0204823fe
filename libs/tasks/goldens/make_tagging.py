"""Golden of entity metrics, from seqeval (its default, lenient mode), which make_goldens.py does without.

    pip install seqeval
    python libs/tasks/goldens/make_tagging.py     (writes tagging.json next to this script)
"""

import json
import pathlib
import random

from seqeval.metrics import accuracy_score, classification_report

NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "E-LOC", "S-PER", "L-PER", "U-LOC", "B-a-b", "I-a-b", "I"]

# Chunks without a beginning, of changing types, that end where another begins, at the ends of sequences, and next to each other.
odd = [
    (["I-PER", "I-PER", "O", "I-LOC"], ["B-PER", "I-PER", "O", "B-LOC"]),
    (["B-PER", "I-LOC", "I-LOC", "E-LOC"], ["B-PER", "B-LOC", "I-LOC", "E-LOC"]),
    (["S-PER", "S-PER", "B-PER", "B-PER"], ["S-PER", "B-PER", "I-PER", "I-PER"]),
    (["E-LOC", "E-LOC", "I-LOC"], ["B-LOC", "B-LOC", "I-LOC"]),
    (["B-a-b", "I-a-b", "O", "U-LOC", "L-PER"], ["B-a-b", "I-a-b", "I-a-b", "U-LOC", "L-PER"]),
    (["O", "I", "I", "O"], ["O", "I", "O", "I"]),
    (["I-PER"], ["I-PER"]),
    (["O", "O", "O"], ["O", "O", "O"]),
]


def rows(rng):
    """Random tags, of which some are said otherwise."""
    for _ in range(60):
        truth = [rng.choice(NAMES[:6] if rng.random() < 0.7 else NAMES) for _ in range(rng.randrange(1, 9))]
        yield truth, [rng.choice(NAMES) if rng.random() < 0.3 else tag for tag in truth]


truth, said = map(list, zip(*odd, *rows(random.Random(3))))
report = classification_report(truth, said, output_dict=True, zero_division=0)
micro = report.pop("micro avg")
numbers = lambda row: {"precision": float(row["precision"]), "recall": float(row["recall"]), "f1": float(row["f1-score"]), "support": int(row["support"])}
golden = {
    "names": NAMES,
    "truth": [[NAMES.index(tag) for tag in row] for row in truth],
    "said": [[NAMES.index(tag) for tag in row] for row in said],
    "micro": numbers(micro),
    "perType": {name: numbers(row) for name, row in report.items() if not name.endswith(" avg")},
    "tokenAccuracy": float(accuracy_score(truth, said)),
}
(pathlib.Path(__file__).parent / "tagging.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
