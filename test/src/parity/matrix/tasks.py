"""Tasks: transformers' class, rows, and the sum of a batch's losses with what it is divided by."""

import inspect
import random

import torch
from transformers import (
    CONFIG_MAPPING,
    MODEL_MAPPING,
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

IGNORED = -100
MASK = 3
CLASSES = 3


class Body:
    """AutoModel, without the pooler that means over all tokens do not read."""

    @staticmethod
    def settings(model_type):
        made = inspect.signature(MODEL_MAPPING[CONFIG_MAPPING[model_type]].__init__).parameters
        return dict(add_pooling_layer=False) if "add_pooling_layer" in made else {}

    @staticmethod
    def from_config(config):
        return AutoModel.from_config(config, **Body.settings(config.model_type))

    @staticmethod
    def from_pretrained(folder, **options):
        return AutoModel.from_pretrained(folder, **options, **Body.settings(AutoConfig.from_pretrained(folder).model_type))


# transformers' class, PEFT's task type
TASKS = {
    "causal-lm": (AutoModelForCausalLM, "CAUSAL_LM"),
    "sequence-classification": (AutoModelForSequenceClassification, "SEQ_CLS"),
    "token-classification": (AutoModelForTokenClassification, "TOKEN_CLS"),
    "masked-lm": (AutoModelForMaskedLM, None),
    "embedding": (Body, "FEATURE_EXTRACTION"),
    "preference": (AutoModelForCausalLM, "CAUSAL_LM"),
    "question-answering": (AutoModelForQuestionAnswering, "QUESTION_ANS"),
}
# Of an example; of a preference the chosen one first.
SEQUENCES = {"embedding": 2, "preference": 2}
# Of DPO.
BETA = 0.1
has_classes = lambda task: task.endswith("-classification")


def rows_of(task, count=10, seed=5):
    """Sequences of 3 to 12 tokens that count upwards, with noise: something to learn. Ids below 4 are special."""
    rng = random.Random(f"{seed} {task}")
    rows = []
    if task == "embedding":
        return [row for _ in range(count) for row in alike(rng)]
    for _ in range(count):
        length, start, stride = rng.randint(3, 12), rng.randrange(60), rng.randint(1, 3)
        ids = [4 + (start + t * stride + (rng.random() < 0.3)) % 60 for t in range(length)]
        rows.extend(preference(ids, rng) if task == "preference" else [labelled(task, ids, stride, rng)])
    return rows


def alike(rng):
    """A pair: one text in other words, which hardly differs from all others, so that a ranking loss of cosines × 20 does not fall to where all digits are noise."""
    topic = 40 + rng.randrange(20)
    for place in range(2):
        ids = [4 + 3 * t for t in range(rng.randint(7, 12))]
        ids[rng.randrange(len(ids))] = topic
        ids[rng.randrange(len(ids))] = 4 + rng.randrange(60)
        yield {"input_ids": ids, "labels": [] if place else [0]}


def preference(ids, rng):
    """Going on is better than counting down from there."""
    prompt = rng.randrange(1, len(ids) - 1)
    down = [4 + (ids[prompt - 1] - 4 - t) % 60 for t in range(1, rng.randint(2, 6))]
    return [{"input_ids": ids[:prompt] + said, "labels": [IGNORED] * prompt + said} for said in (ids[prompt:], down)]


def labelled(task, ids, stride, rng):
    if task == "question-answering":
        # Of the first token, a question, and a text behind it: sometimes there is no answer, which the first token stands for.
        asked = 1 + len(ids) // 3
        first = rng.randrange(asked, len(ids))
        span = [0, 0] if stride == 1 else [first, rng.randrange(first, len(ids))]
        return {"input_ids": ids, "labels": span, "token_types": [int(t >= asked) for t in range(len(ids))]}
    if task == "sequence-classification":
        return {"input_ids": ids, "labels": stride % CLASSES}
    if task == "token-classification":
        return {"input_ids": ids, "labels": [IGNORED if rng.random() < 0.2 else (i // 7) % CLASSES for i in ids]}
    if task == "masked-lm":
        chosen = {rng.randrange(len(ids))} | {t for t in range(len(ids)) if rng.random() < 0.3}
        return {"input_ids": [MASK if t in chosen else i for t, i in enumerate(ids)], "labels": [i if t in chosen else IGNORED for t, i in enumerate(ids)]}
    prompt = rng.randrange(1, len(ids) - 1)
    return {"input_ids": ids, "labels": [IGNORED] * prompt + ids[prompt:]}


def collate(rows, pad):
    """Right padding to the longest row; the batch, and how many labels are counted."""
    longest = max(len(r["input_ids"]) for r in rows)
    padded = lambda values, fill: values + [fill] * (longest - len(values))
    batch = {
        "input_ids": torch.tensor([padded(r["input_ids"], pad) for r in rows]),
        "attention_mask": torch.tensor([padded([1] * len(r["input_ids"]), 0) for r in rows]),
    }
    if "token_types" in rows[0]:
        batch["token_type_ids"] = torch.tensor([padded(r["token_types"], 0) for r in rows])
        return batch, torch.tensor([r["labels"] for r in rows])
    if any(r["labels"] == [] for r in rows):
        return batch, torch.zeros(sum(len(r["labels"]) for r in rows))
    if isinstance(rows[0]["labels"], int):
        return batch, torch.tensor([r["labels"] for r in rows])
    return batch, torch.tensor([padded(r["labels"], IGNORED) for r in rows])


class Embedder(torch.nn.Module):
    """What a loss of sentence-transformers asks of a model: its own pooling, with the mask that PEFT gives the model where it puts tokens in front."""

    def __init__(self, model):
        super().__init__()
        from sentence_transformers.sentence_transformer.modules import Pooling

        self.model, self.pooling = model, Pooling(model.config.hidden_size, pooling_mode="mean")

    def forward(self, features):
        rows, mask = self.model(**features).last_hidden_state, features["attention_mask"]
        mask = torch.cat([mask.new_ones(len(mask), rows.shape[1] - mask.shape[1]), mask], dim=1)
        return self.pooling({"token_embeddings": rows, "attention_mask": mask})


def ranking_loss(model, batch):
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    columns = [{name: values[i::2] for name, values in batch.items()} for i in range(2)]
    return MultipleNegativesRankingLoss(Embedder(model))(columns, None)


def completions(model, batch, labels):
    """ln p of each sequence's labels."""
    logits = model(**batch).logits[:, -labels.shape[1] :][:, :-1]
    labels = labels[:, 1:]
    each = logits.log_softmax(-1).gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return (each * (labels != IGNORED)).sum(-1)


def span_loss(model, batch, labels):
    """transformers' loss of each example by itself, so that padding takes no part in it. PEFT's own forward of this task drops the token types (peft_model.py)."""
    model = getattr(model, "get_base_model", lambda: model)()
    types = {} if getattr(model.config, "type_vocab_size", 0) > 1 else {"token_type_ids": None}
    out = model(**(batch | types))
    nowhere = batch["attention_mask"] == 0
    sides = zip((out.start_logits, out.end_logits), labels.T)
    return sum(torch.nn.functional.cross_entropy(logits.masked_fill(nowhere, float("-inf")), at, reduction="sum") for logits, at in sides) / 2


def loss_sum(model, task, batch, labels, reference=None):
    if task == "question-answering":
        return span_loss(model, batch, labels)
    if task == "preference":
        ratios = completions(model, batch, labels) - reference
        return -torch.nn.functional.logsigmoid(BETA * (ratios[0::2] - ratios[1::2])).sum()
    if task == "embedding":
        return ranking_loss(model, batch) * len(labels)
    logits = model(**batch).logits
    if labels.dim() == 2:
        # Virtual tokens stand in front.
        logits = logits[:, -labels.shape[1] :]
        if task == "causal-lm":
            logits, labels = logits[:, :-1], labels[:, 1:]
        logits, labels = logits.flatten(0, 1), labels.flatten()
    return torch.nn.functional.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="sum")


def counted_of(task, labels):
    if labels.dim() == 1:
        return len(labels)
    if task == "preference":
        return len(labels) // 2
    if task == "question-answering":
        return len(labels)
    return int(((labels[:, 1:] if task == "causal-lm" else labels) != IGNORED).sum())
