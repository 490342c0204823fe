"""Goldens of embeddings: sentence-transformers' own losses of 20 steps of the tests' tiny BERT, and of all of its rows after these.

    python make_sentence_pairs.py FOLDER     (that `writeTinyBert` of ../cli/tiny-classifier.ts wrote; writes goldens/sentence-pairs.json)

Needs torch, transformers, scipy and sentence-transformers. Batches are in the order of the rows, without dropout.
"""

import json
import random
import sys
from pathlib import Path

import torch
from scipy.stats import pearsonr, spearmanr
from sentence_transformers import SentenceTransformer, losses, models

STEPS, BATCH, RATE = 20, 6, 1e-3
GOOD = "good great fine lovely happy bright".split()
BAD = "bad awful poor nasty sad dull".split()
OTHER = "the day was and a film room meal very so it felt".split()


def text(chance, words):
    few = chance.choices(OTHER, k=chance.randint(1, 6)) + chance.choices(words, k=2)
    chance.shuffle(few)
    return " ".join(few)


def rows_of(columns, count, chance):
    rows = []
    for i in range(count):
        words, others = (GOOD, BAD) if i % 2 else (BAD, GOOD)
        if "score" in columns:
            alike = chance.random() < 0.5
            second = text(chance, words if alike else others)
            score = round(chance.uniform(0.6, 1) if alike else chance.uniform(0, 0.4), 3)
            rows.append({"sentence1": text(chance, words), "sentence2": second, "score": score})
        else:
            row = {"anchor": text(chance, words), "positive": text(chance, words)}
            rows.append({**row, "negative": text(chance, others)} if "negative" in columns else row)
    return rows


def case(folder, columns, loss_class):
    chance = random.Random(len(columns) + ("score" in columns))
    rows = {"train": rows_of(columns, 40, chance), "test": rows_of(columns, 25, chance)}
    transformer = models.Transformer(folder, max_seq_length=16)
    model = SentenceTransformer(modules=[transformer, models.Pooling(32, pooling_mode="mean")], device="cpu").eval()
    texts = [column for column in columns if column != "score"]

    def value(batch):
        features = [model.tokenize([row[c] for row in batch]) for c in texts]
        labels = torch.tensor([row.get("score", 0.0) for row in batch])
        return loss_class(model)(features, labels)

    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0, eps=1e-8)
    batches = [rows["train"][i : i + BATCH] for i in range(0, 40, BATCH)]
    steps = []
    for step in range(STEPS):
        loss = value(batches[step % len(batches)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps.append(loss.item())
    test = rows["test"]
    with torch.no_grad():
        vectors = [
            torch.nn.functional.normalize(model.encode([r[c] for r in test], convert_to_tensor=True)) for c in texts
        ]
    metrics = {}
    if "score" in columns:
        cosines = (vectors[0] * vectors[1]).sum(1).tolist()
        scores = [row["score"] for row in test]
        metrics["pearson"] = pearsonr(cosines, scores)[0]
        metrics["spearman"] = spearmanr(cosines, scores)[0]
    else:
        similar = vectors[0] @ vectors[1].T
        ranks = (similar > similar.diagonal()[:, None] + 1e-6).sum(1) + 1
        metrics["accuracyAt1"] = (ranks == 1).double().mean().item()
        metrics["mrr10"] = torch.where(ranks <= 10, 1 / ranks.double(), 0.0).mean().item()
    return {"columns": columns, "rows": rows, "steps": steps, "metrics": metrics}


cases = [
    case(sys.argv[1], ["anchor", "positive"], losses.MultipleNegativesRankingLoss),
    case(sys.argv[1], ["anchor", "positive", "negative"], losses.MultipleNegativesRankingLoss),
    case(sys.argv[1], ["sentence1", "sentence2", "score"], losses.CosineSimilarityLoss),
]
out = Path(__file__).parent / "goldens" / "sentence-pairs.json"
out.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
