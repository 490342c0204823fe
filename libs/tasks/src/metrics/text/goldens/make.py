"""Scores of odd pairs of texts by rouge-score and sacrebleu: writes pairs.json beside this file.

pip install rouge-score==0.1.2 sacrebleu==2.6.0 numpy; python make.py
"""

import json
import random
from pathlib import Path

import numpy as np
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

TYPES = ["rouge1", "rouge2", "rougeL"]
scorer = RougeScorer(TYPES, use_stemmer=False)

hand = [
    ("", ""), ("", "a"), ("a", ""), ("a", "a"), ("a b", "a b"), ("a b c", "a b c"), ("a b c d", "a b c d"),
    (" ", "."), ("...", "..."), ("!?", "?!"), ("\n", "\n\n"), ("a b c d e", "e d c b a"),
    ("The cat sat on the mat.", "The cat sat on the mat."),
    ("The cat sat on the mat.", "the cat sat on the mat"),
    ("The cat sat on the mat.", "the the the the the the the"),
    ("the the the the cat", "the cat"), ("a a a a a a", "a a a"), ("a b a b a b a b", "b a b a b a"),
    ("It costs 1,000.50 dollars, not 1.000,50.", "It costs 1,000.50 dollars; not 1000.50."),
    ("3.14", "3.14"), ("3 .14", "3.14"), (".5", "0.5"), ("1-2 and 10-20", "1 - 2 and 10-20"),
    ("well-known state-of-the-art", "well known state of the art"), ("2020-01-31", "2020-01-30"),
    ("don't can't won't it's", "dont can't wont its"), ("“quoted” ‘text’", '"quoted" \'text\''),
    ("&quot;a&quot; &amp; &lt;b&gt;", '"a" & <b>'), ("&amp;lt;", "<"), ("&amp;quot;", '"'),
    ("<skipped> a b c d", "a b c d"), ("hyphen-\nated word over two lines", "hyphenated word over two lines"),
    ("a\nb\nc\nd e", "a b c d e"), ("a\tb\u00a0c\u3000d e", "a b c d e"), ("a\u2028b c d\u0085e", "a b c d e"),
    ("a\ufeffb c d e f", "a b c d e f"), ("a\u200bb c d e f", "a b c d e f"), ("a\x1cb c d e", "a b c d e"),
    ("Größe über alles in der Welt", "groesse über alles in der Welt"), ("naïve café", "naive cafe"),
    ("Straße", "STRASSE"), ("İstanbul ışık", "istanbul isik"), ("KELVIN \u212a", "kelvin k"),
    ("Σίσυφος", "σίσυφος"), ("こんにちは世界。", "こんにちは、世界。"), ("我爱 北京 天安门 广场 上", "我爱 北京 天安门 广场"),
    ("мир труд май июнь июль", "Мир труд май июнь"), ("😀 😀 😁 ok then", "😀 😁 ok then"), ("👩‍👩‍👧‍👦 family of four people", "👩‍👩‍👧‍👦 family of five people"),
    ("e\u0301 clair a b c d", "\u00e9 clair a b c d"), ("🙂,🙂.🙂", "🙂, 🙂. 🙂"),
    ("http://example.org/a?b=c&d=e#f", "http://example.org/a?b=c&d=e#g"), ("me@example.org", "me @ example . org"),
    ("f(x) = {y | y > 0} [z]", "f(x) = {y | y >= 0} [z]"), ("a_b `c` ^d ~e \\f", "a_b c d e f"),
    ("100% of $5.00 + #7 * 3 = 2^8", "100 % of $ 5.00 + # 7 * 3 = 2 ^ 8"),
    ("A.B.C., U.S.A.", "A. B. C. USA"), ("...and so on...", "…and so on…"), ("x,y,z", "x, y, z"), ("7,", "7 ,"),
    ("trailing spaces   ", "trailing spaces"), ("   leading spaces here now", "leading spaces here now"),
    ("constructor __proto__ toString valueOf", "constructor __proto__ toString hasOwnProperty"),
    ("UPPER lower MiXeD cAsE 123ABC", "upper LOWER mixed case 123abc"),
    ("one two three four five six seven eight nine ten", "one two three five six eight nine four seven ten"),
    ("one two three four", "one two three four five six seven eight nine ten eleven twelve"),
    ("one two three four five six seven eight nine ten eleven twelve", "one two three four"),
    ("no word is shared between", "these texts have nothing alike"),
]
draw = random.Random(7)
words = ["a", "b", "the", "cat", "3.5", "1,", ".", "-", "Été", "x-y", "9-", "😀", "B", "&amp;", "\n", "it's"]
sentence = lambda: " ".join(draw.choice(words) for _ in range(draw.randrange(0, 40)))
pairs = hand + [(sentence(), sentence()) for _ in range(30)]


def bleu(of):
    return sacrebleu.corpus_bleu([w for _, w in of], [[r for r, _ in of]], tokenize="13a", smooth_method="exp", force=True).score


def scored(of):
    rouge = [scorer.score(r, w) for r, w in of]
    means = {t: sum(s[t].fmeasure for s in rouge) / len(of) for t in TYPES}
    return {"exactMatch": sum(r == w for r, w in of) / len(of), **means, "bleu": bleu(of)}


single = [{"reference": r, "written": w, "scores": scored([(r, w)])} for r, w in pairs]
corpora = [{"from": a, "to": b, "scores": scored(pairs[a:b])} for a, b in [(0, len(pairs)), (0, 20), (20, 60), (60, len(pairs))]]


def intervals(of, resamples=20_000):
    """95% of the scores of resampled texts."""
    metric = sacrebleu.BLEU(tokenize="13a", smooth_method="exp", force=True)
    stats = np.array(metric._extract_corpus_statistics([w for _, w in of], [[r for r, _ in of]]))
    rouge = np.array([[scorer.score(r, w)[t].fmeasure for t in TYPES] for r, w in of])
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(resamples):
        at = rng.integers(0, len(of), len(of))
        drawn.append([*rouge[at].mean(0), metric._compute_score_from_stats(stats[at].sum(0).tolist()).score])
    return dict(zip([*TYPES, "bleu"], np.percentile(drawn, [2.5, 97.5], axis=0).T.tolist()))


out = {"versions": {"sacrebleu": sacrebleu.__version__, "rouge-score": "0.1.2"}, "pairs": single, "corpora": corpora, "intervals": intervals(pairs)}
Path(__file__).with_name("pairs.json").write_text(json.dumps(out, indent=1) + "\n")
