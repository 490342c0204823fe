"""transformers.Trainer on CSV splits with Temper's defaults for classification; prints {"f1", "accuracy"} of the test split.

    python quality.py FOLDER_WITH_CSV MODEL [--seed N] [--dropout RATE]
"""

import argparse
import csv
import json
from pathlib import Path

import torch
from sklearn.metrics import accuracy_score, f1_score
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    logging,
    set_seed,
)

csv.field_size_limit(10**9)
logging.set_verbosity_error()
logging.disable_progress_bar()


def rows_of(path, tokenizer, names):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    encoded = tokenizer([row["text"] for row in rows], truncation=True, max_length=128)
    return [
        {"input_ids": ids, "attention_mask": mask, "labels": names.index(row["label"])}
        for ids, mask, row in zip(encoded["input_ids"], encoded["attention_mask"], rows)
    ]


def metrics(prediction):
    guessed = prediction.predictions.argmax(-1)
    return {
        "f1": f1_score(prediction.label_ids, guessed, average="macro"),
        "accuracy": accuracy_score(prediction.label_ids, guessed),
    }


def main(folder, base, seed, dropout):
    with open(folder / "train.csv", newline="") as file:
        names = sorted({row["label"] for row in csv.DictReader(file)})
    tokenizer = AutoTokenizer.from_pretrained(base)
    splits = {s: rows_of(folder / f"{s}.csv", tokenizer, names) for s in ("train", "validation", "test")}
    set_seed(seed)
    rates = {} if dropout is None else {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=len(names), dtype=torch.float32, **rates
    )
    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"),
        seed=seed,
        learning_rate=2e-5,
        per_device_train_batch_size=16,
        per_device_eval_batch_size=64,
        num_train_epochs=3,
        weight_decay=0.01,
        lr_scheduler_type="linear",
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="f1",
        save_total_limit=1,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=splits["train"],
        eval_dataset=splits["validation"],
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=metrics,
    )
    trainer.train()
    result = trainer.evaluate(splits["test"])
    print(json.dumps({"f1": result["eval_f1"], "accuracy": result["eval_accuracy"]}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("model")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dropout", type=float, help="instead of the rates in the model's configuration")
    given = parser.parse_args()
    main(given.folder, given.model, given.seed, given.dropout)
