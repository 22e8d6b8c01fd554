"""Ready scorers of text: toxicity, sentiment, and any text classifier of Hugging Face. Once installed they need no internet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from lineas.errors import LineasError
from lineas.evaluation.metrics.effect import Score

BATCH = 16
MAX_TOKENS = 256


@dataclass(frozen=True)
class Scorer:
    """Call it with texts: a number for each, higher for more of what it is named after."""

    name: str
    score: Score

    def __call__(self, texts: Sequence[str]) -> list[float]:
        return self.score(texts)


def toxicity() -> Scorer:
    """Probability that a text is offensive, by alt-profanity-check (MIT). It was trained on Jigsaw: do not judge Jigsaw by it."""
    check = _optional("profanity_check", "alt-profanity-check")
    return Scorer("toxicity", lambda texts: [float(p) for p in check.predict_prob(list(texts))] if texts else [])


def sentiment() -> Scorer:
    """Sentiment from −1 to 1 by VADER's word list and rules (MIT)."""
    analyzer = _optional("vaderSentiment.vaderSentiment", "vaderSentiment").SentimentIntensityAnalyzer()
    return Scorer("sentiment", lambda texts: [float(analyzer.polarity_scores(text)["compound"]) for text in texts])


def classifier(name: str, label: str | None = None) -> Scorer:
    """Probability of one label by a sequence-classification model of Hugging Face.

    Args:
        name: its id on the hub, or a folder.
        label: one of its labels; of two the last one, which is the positive one, may be left out.

    Raises:
        LineasError: where it cannot be loaded, is no classifier, has no such label, or has many and none is named (it says
            which there are).
    """
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from lineas.models.quiet import quiet

    try:
        with quiet():
            network = AutoModelForSequenceClassification.from_pretrained(name, use_safetensors=True).eval()
            tokenizer = AutoTokenizer.from_pretrained(name)
    except Exception as error:  # a dozen kinds, for a wrong name, no network, damage, a model for something else
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
            f"The scorer {name!r} tells {len(labels)} things apart: {', '.join(labels)}. Say which of them counts by writing it "
            f"behind the name, for instance '{name}:{next(iter(labels))}'."
        )
    label = label or max(labels, key=labels.__getitem__)
    column = labels[label]

    @torch.no_grad()
    def score(texts: Sequence[str]) -> list[float]:
        values: list[float] = []
        for start in range(0, len(texts), BATCH):
            part = list(texts[start : start + BATCH])
            batch = tokenizer(part, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
            logits = network(**batch).logits.float()
            # several labels at once have a probability each; else they share one
            several = network.config.problem_type == "multi_label_classification" or logits.shape[1] == 1
            chosen = (logits.sigmoid() if several else logits.softmax(dim=1))[:, column]
            values += chosen.tolist()
        return values

    return Scorer(f"{name}:{label}", score)


READY: dict[str, Callable[[], Scorer]] = {"toxicity": toxicity, "sentiment": sentiment}


def scorer_named(name: str) -> Scorer:
    """A scorer by what a person types: "toxicity", "sentiment", "owner/model", "owner/model:label", or a folder."""
    if name in READY:
        return READY[name]()
    model, colon, label = name.rpartition(":")
    if colon and not Path(name).is_dir() and len(model) > 1:  # not C:\folder
        return classifier(model, label)
    return classifier(name)


def _optional(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise LineasError(
            f"This scorer needs the package {package}, which is not installed. Run: pip install {package}"
        ) from error
