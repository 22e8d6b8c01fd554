"""A judge for mixes that needs no language model."""

from collections.abc import Sequence

import pytest


class WordJudge:
    """Hears the words that only target examples have."""

    reliable = True

    def __init__(self, source: Sequence[str], target: Sequence[str], embed: object) -> None:
        self.words = set(" ".join(target).lower().split()) - set(" ".join(source).lower().split())

    def __call__(self, texts: Sequence[str]) -> list[float]:
        return [float(bool(self.words & set(text.lower().split()))) for text in texts]


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judges without MiniLM, which would be downloaded."""
    monkeypatch.setattr("lineas.evaluation.metrics.embeddings.load_minilm", lambda progress: None)
    monkeypatch.setattr("lineas.evaluation.metrics.judge.train_judge", WordJudge)
