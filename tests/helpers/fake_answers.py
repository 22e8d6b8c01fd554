"""A decoder with fixed answers, in place of ``lineas.generation.streaming.stream``."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lineas.generation.listener import Answer
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling

PLAIN = (
    "I had a calm morning. I read a little, answered some letters, and went for a walk along the river before lunch. "
    "In the afternoon I met an old friend and we talked about the books we had both been reading this winter."
)
STEERED = (
    "Arr, me day be grand! I hoisted the sails at dawn, matey, and plundered a fine breakfast from the galley before the "
    "wind turned. By noon the crew were singin', and we swapped tales of the seven seas over a barrel o' grog till sundown."
)
INSTRUCTED = "As a pirate, I had a calm morning, and then I went to the market like everybody else."


@dataclass(frozen=True)
class Asked:
    """One call of the decoder."""

    prompts: Sequence[str]
    rows: Sequence[Row]
    sampling: Sampling

    @property
    def strength(self) -> float:
        """Strength of the steered answer of a comparison."""
        return self.rows[1].strength


class FakeAnswers:
    """Answers in four steps. After a prompt "echo …", steered answers repeat the rest of the prompt.

    Attributes:
        asked: all calls.
        go_on: clear it to halt each answer after ``HALT`` words until it is stopped or the event is set.
        error: raised after ``HALT`` words.
    """

    HALT = 10

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.error: Exception | None = None

    def __call__(
        self,
        model: object,
        prompt: str | Sequence[str],
        rows: Sequence[Row],
        sampling: Sampling,
        *,
        stop: threading.Event,
        spare_core: bool,
    ) -> Iterator[list[Answer]]:
        prompts = [prompt] * len(rows) if isinstance(prompt, str) else prompt
        self.asked.append(Asked(prompts, rows, sampling))
        texts = [_text(*row).split(" ") for row in zip(range(len(rows)), prompts, rows, strict=True)]
        longest = max(map(len, texts))
        answers: list[Answer] = []
        for length in (4, self.HALT, 25, longest):
            while length > self.HALT and not (self.go_on.wait(0.01) or stop.is_set()):
                pass
            if stop.is_set():
                break
            if self.error and length > self.HALT:
                raise self.error
            length = min(length, sampling.max_new_tokens)
            answers = [Answer(" ".join(t[:length]), min(length, len(t)), length >= len(t)) for t in texts]
            yield answers
        if answers:
            yield [Answer(answer.text, answer.tokens, True) for answer in answers]


def _text(number: int, prompt: str, row: Row) -> str:
    if row.map is None:
        return PLAIN if number == 0 else INSTRUCTED
    if row.strength == 0:
        return PLAIN
    return prompt.removeprefix("echo ") if prompt.startswith("echo ") else STEERED
