"""Scorers of text: toxicity, sentiment, and any text classifier from Hugging Face. Once installed they work offline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from lineas.errors import LineasError
from lineas.evaluation.metrics.effect import Score

BATCH_SIZE = 16
MAX_TOKENS = 256


@dataclass(frozen=True)
class Scorer:
    """Scores texts when called: one number each, higher for more of what ``name`` says."""

    name: str
    score: Score

    def __call__(self, texts: Sequence[str]) -> list[float]:
        return self.score(texts)


def toxicity() -> Scorer:
    """Probability that a text is offensive, by alt-profanity-check (MIT). Trained on Jigsaw: do not use it on Jigsaw."""
    check = _optional("profanity_check", "alt-profanity-check")
    return Scorer("toxicity", lambda texts: [float(p) for p in check.predict_prob(list(texts))] if texts else [])


def sentiment() -> Scorer:
    """Sentiment from −1 to 1, by VADER's word list and rules (MIT)."""
    analyzer = _optional("vaderSentiment.vaderSentiment", "vaderSentiment").SentimentIntensityAnalyzer()
    return Scorer("sentiment", lambda texts: [float(analyzer.polarity_scores(text)["compound"]) for text in texts])


def classifier(name: str, label: str | None = None) -> Scorer:
    """Probability of one label, by a sequence-classification model.

    Args:
        name: id on the Hugging Face hub, or a folder.
        label: one of its labels; None takes the last of two, by convention the positive one.

    Raises:
        LineasError: the model cannot be loaded, is no classifier, lacks the label, or has more than two labels and none is named.
    """
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from lineas.models.quiet import quiet

    try:
        with quiet():
            network = AutoModelForSequenceClassification.from_pretrained(name, use_safetensors=True).eval()
            tokenizer = AutoTokenizer.from_pretrained(name)
    except Exception as error:  # many kinds: wrong name, no network, damaged file, another type of model
        where = "folder" if Path(name).is_dir() else "model on Hugging Face, or no network to fetch it"
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise LineasError(
            f"The scorer {name!r} cannot be loaded: it is no text-classification {where} ({reason}). Check the name, or use "
            "'toxicity' or 'sentiment'."
        ) from error
    labels = {str(text): int(index) for index, text in network.config.id2label.items()}
    if label is not None and label not in labels:
        raise LineasError(f"The scorer {name!r} has no label {label!r}. It has {', '.join(labels)}.")
    if label is None and len(labels) > 2:
        raise LineasError(
            f"The scorer {name!r} has {len(labels)} labels: {', '.join(labels)}. Add the one to measure to the name, for instance "
            f"'{name}:{next(iter(labels))}'."
        )
    label = label or max(labels, key=labels.__getitem__)
    column = labels[label]

    @torch.no_grad()
    def score(texts: Sequence[str]) -> list[float]:
        values: list[float] = []
        for start in range(0, len(texts), BATCH_SIZE):
            part = list(texts[start : start + BATCH_SIZE])
            batch = tokenizer(part, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
            logits = network(**batch).logits.float()
            # multi-label models have an independent probability for each label
            multi_label = network.config.problem_type == "multi_label_classification" or logits.shape[1] == 1
            values += (logits.sigmoid() if multi_label else logits.softmax(dim=1))[:, column].tolist()
        return values

    return Scorer(f"{name}:{label}", score)


SCORERS: dict[str, Callable[[], Scorer]] = {"toxicity": toxicity, "sentiment": sentiment}


def scorer_named(name: str) -> Scorer:
    """Find a scorer by name: "toxicity", "sentiment", "owner/model", "owner/model:label", a folder, or "folder:label"."""
    if name in SCORERS:
        return SCORERS[name]()
    model, colon, label = name.rpartition(":")
    if colon and not Path(name).is_dir() and len(model) > 1:  # a drive letter as in C:\folder is no model
        return classifier(model, label)
    return classifier(name)


def _optional(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise LineasError(
            f"This scorer needs the package {package}, which is not installed. Run: pip install {package}"
        ) from error
