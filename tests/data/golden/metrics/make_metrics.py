#!/usr/bin/env python3
"""Reference values of metrics: scikit-learn and SciPy on 1,000 random sets of predictions, rouge-score and
sacreBLEU on a few dozen texts.

    pip install scikit-learn scipy rouge-score sacrebleu
    python make_metrics.py

The sets themselves are not stored: tst_metrics_oracle makes the same ones by the same generator. Writes
sets.f64 (ten little-endian doubles a set) and texts.json.
"""
import json
import struct
import warnings
from pathlib import Path

import numpy as np
import sacrebleu
from rouge_score import rouge_scorer
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (accuracy_score, f1_score, matthews_corrcoef, mean_absolute_error,
                             mean_squared_error, r2_score)

warnings.filterwarnings("ignore")
FOLDER = Path(__file__).parent
SETS = 1000


class Draws:
    """Knuth's MMIX generator; the upper 31 bits."""

    def __init__(self, seed):
        self.state = seed

    def below(self, count):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % count


def labels_of(kind, count, rows, draws):
    expected = [draws.below(count) for _ in range(rows)]
    given = [expected[i] if draws.below(3) else draws.below(count) for i in range(rows)]
    if kind == 0:  # one answer for all
        given = [0] * rows
    elif kind == 1:  # one class alone
        expected = [1] * rows
    elif kind == 2:  # all right
        given = list(expected)
    elif kind == 3:  # a class that is never right
        expected = [min(label, count - 2) for label in expected]
    elif kind == 4:  # both one class
        expected = [count - 1] * rows
        given = list(expected)
    return expected, given


def numbers_of(kind, rows, draws):
    ties = kind in (3, 5)
    expected = [draws.below(5) * 1.0 if ties else (draws.below(2001) - 1000) / 256.0 for _ in range(rows)]
    given = [draws.below(5) * 1.0 if ties else x + (draws.below(2001) - 1000) / 512.0 for x in expected]
    if kind == 0:
        given = [1.5] * rows
    elif kind == 1:
        expected = [1.5] * rows
    elif kind == 2:
        given = list(expected)
    elif kind == 4:
        expected = [1.5] * rows
        given = [1.5] * rows
    elif kind == 6:
        given = [-x for x in given]
    return expected, given


def values_of(number):
    draws = Draws(number)
    kind = number % 10
    count = 2 + draws.below(4)
    rows = 2 + draws.below(60)
    expected, given = labels_of(kind, count, rows, draws)
    seen = sorted(set(expected))
    values = [accuracy_score(expected, given),
              f1_score(expected, given, labels=[1], average="macro", zero_division=0),
              f1_score(expected, given, average="macro", zero_division=0),
              f1_score(expected, given, labels=seen, average="macro", zero_division=0),
              matthews_corrcoef(expected, given)]
    expected, given = numbers_of(kind, rows, draws)
    values += [pearsonr(expected, given)[0], spearmanr(expected, given)[0],
               mean_squared_error(expected, given), mean_absolute_error(expected, given),
               r2_score(expected, given)]
    return [float(value) for value in values]


WORDS = ("the a cat dog Cats sat sitting on mat under old house, and. then it's went 3.5 1,000 20% (see) "
         "e-mail well-known U.S. \"yes\" no! why? Über café naïve 東京 don't &amp; x/y -5 10-12 a.m. end;").split()
HAND = [("The cat sat on the mat.", "The cat sat on the mat."),
        ("The cat sat on the mat.", ""), ("", "something"), ("yes", "yes"), ("yes", "no"),
        ("The cat is on the mat", "the the the the the the the"),
        ("Er sagte: \u201eGuten Tag!\u201c", "Er sagte \"Guten Tag\"."),
        ("It costs $1,234.56 (about 10%), i.e. <b>much</b>.", "It costs $1,234.56, i.e. about 10% - much"),
        ("a b c d e f g h", "a b c d"), ("a b c d", "a b c d e f g h"), ("a b c", "a b c"),
        ("rock'n'roll & blues", "rock 'n' roll &amp; blues"), ("first line\nsecond line", "first line second-\nline"),
        ("1-2 3.4 5,6 .7 8. 9,", "1 - 2 3.4 5,6 0.7 8 . 9 ,"), ("\u212a and \u0130", "k and i"),
        ("tabs\tand\u00a0spaces  here ", " tabs and spaces here"), ("... --- ...", "... --- ..."),
        ("x" * 30, "x" * 30), ("end.</s>", "end. </s>"), ("2019\u20132020 \u2014 caf\u00e9.", "2019-2020 - cafe.")]


def texts():
    pairs = list(HAND)
    for number in range(24):
        draws = Draws(5000 + number)
        expected = [WORDS[draws.below(len(WORDS))] for _ in range(3 + draws.below(25))]
        given = [word if draws.below(4) else WORDS[draws.below(len(WORDS))] for word in expected]
        given = given[:len(given) - draws.below(3)]
        pairs.append((" ".join(expected), " ".join(given)))
    return pairs


def main():
    with open(FOLDER / "sets.f64", "wb") as file:
        for number in range(SETS):
            file.write(struct.pack("<10d", *values_of(number)))
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)
    rows = []
    pairs = texts()
    for expected, given in pairs:
        rouge = scorer.score(expected, given)
        rows.append({"expected": expected, "given": given,
                     "rouge1": rouge["rouge1"].fmeasure, "rouge2": rouge["rouge2"].fmeasure,
                     "rougeL": rouge["rougeL"].fmeasure,
                     "bleu": sacrebleu.sentence_bleu(given, [expected]).score})
    groups = []
    for first, last in [(0, 1), (0, 5), (3, 5), (5, 12), (0, 20), (20, 44), (0, 44), (10, 11), (1, 3)]:
        part = pairs[first:last]
        score = sacrebleu.corpus_bleu([given for _, given in part], [[expected for expected, _ in part]]).score
        groups.append({"first": first, "last": last, "bleu": score})
    content = {"pairs": rows, "corpora": groups}
    (FOLDER / "texts.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
