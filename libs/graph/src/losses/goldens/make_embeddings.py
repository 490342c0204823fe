"""Values and gradients of sentence-transformers' losses on fixed embeddings, in double precision.

python make_embeddings.py  (torch, sentence-transformers)
"""

import json
from pathlib import Path

import torch
from sentence_transformers import losses


class Fixed(torch.nn.Module):
    """Stands in for the model: a "text" is its embedding already."""

    def forward(self, features):
        return features


def case(name, sequences, seed, examples=4, width=5):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(examples, sequences, width, dtype=torch.float64, generator=generator)
    labels = torch.rand(examples, generator=generator).double()
    x.requires_grad_(True)
    features = [{"sentence_embedding": x[:, i]} for i in range(sequences)]
    loss = {
        "multiple-negatives-ranking": losses.MultipleNegativesRankingLoss,
        "cosine": losses.CosineSimilarityLoss,
    }[name](Fixed())
    value = loss(features, labels)
    value.backward()
    flat = lambda t: t.reshape(-1, width).tolist()
    return {
        "loss": name,
        "sequences": sequences,
        "embeddings": flat(x.detach()),
        "labels": labels.tolist(),
        "mean": value.item(),
        "gradient": flat(x.grad),
    }


cases = [
    case("multiple-negatives-ranking", 2, 1),
    case("multiple-negatives-ranking", 3, 2),
    case("cosine", 2, 3),
]
Path(__file__).with_name("embeddings.json").write_text(json.dumps(cases) + "\n")
