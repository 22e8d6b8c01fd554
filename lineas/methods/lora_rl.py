"""LoRA (``lora``) by reinforcement: text is sampled, a scorer's marks are the reward, by trl (extra ``rl``).

The paper's strongest rival on toxicity used PPO with the benchmark's own classifier as reward. trl has dropped PPO; this is
its successor GRPO (Shao et al., arXiv 2402.03300): of ``ANSWERS`` continuations of one beginning the better-marked are made
likelier, relative to the others' mean, with a penalty on the divergence from the plain model.

The beginnings are the first thirds of the source sentences. Without a scorer the reward is how likely a text is of the target
side, by a logistic classifier (``iti_c``) on the plain model's own activations: what LinEAS sees, too.

Left out: PPO's value network; anything but the adapter being trained. trl seeds PyTorch's global random generator.
"""

import copy
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from queue import SimpleQueue
from typing import Any

import torch
from transformers import PrinterCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from lineas.errors import LineasError
from lineas.methods import recipe_for
from lineas.methods.fitting import done
from lineas.methods.lora import ALPHA, RANK, LowRank, adapted, attention_linears, extract
from lineas.models.loaded import LoadedModel
from lineas.models.progress import seconds_left
from lineas.training.activations import read_at_once
from lineas.training.batching import tokenize
from lineas.training.events import Event, Started, Step
from lineas.training.float64 import to_float64
from lineas.training.logistic import logistic_fit
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe

LEARNING_RATE = 5e-4
BEGINNINGS, ANSWERS, LONGEST_ANSWER = 4, 4, 24
DIVERGENCE = 0.04
"""Weight of the divergence from the plain model (GRPO's β)."""

Scorer = Callable[[Sequence[str]], Sequence[float]]
"""From texts to marks, more is better."""


class _Closed(Exception):
    """Ends the trainer's thread where nobody asks for further events."""


class _Turns(TrainerCallback):
    """Makes trl's trainer, in a thread of its own, wait before each step until it is asked for."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.closed = False
        self.news: SimpleQueue[int | BaseException | None] = SimpleQueue()

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.asked.acquire()
        if self.closed:
            raise _Closed

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.news.put(state.global_step)

    def steps(self, run: Callable[[], object]) -> Iterator[int]:
        """The number of each step of ``run`` once it is done; closing the iterator ends the thread."""

        def work() -> None:
            try:
                run()
                self.news.put(None)
            except BaseException as failure:
                self.news.put(failure)

        thread = threading.Thread(target=work, name="lineas-rl", daemon=True)
        thread.start()
        try:
            while True:
                self.asked.release()
                news = self.news.get()
                if news is None:
                    return
                if isinstance(news, BaseException):
                    raise news
                yield news
        finally:
            self.closed = True
            self.asked.release()
            thread.join()


def own_scorer(model: LoadedModel, source: Sequence[str], target: Sequence[str], max_tokens: int) -> Scorer:
    """Probability, 0 to 1, that a text is of the target side, by its activations in the plain model."""

    def means(texts: Sequence[str]) -> torch.Tensor:
        return to_float64(read_at_once(model, model.sites, tokenize(model, texts, max_tokens)))

    weights, offset = logistic_fit(means(source), means(target))

    def score(texts: Sequence[str]) -> list[float]:
        marks: list[float] = torch.sigmoid(means(texts) @ weights + offset).tolist()
        return marks

    return score


def beginnings(source: Sequence[str]) -> list[str]:
    """The first third of each sentence's words, at least one."""
    words = [text.split() for text in source]
    return [" ".join(some[: max(1, len(some) // 3)]) for some in words]


def train(
    model: LoadedModel,
    source: Sequence[str],
    target: Sequence[str],
    recipe: Recipe | str = "quick",
    *,
    sites: str = "default",
    seed: int = 0,
    name: str = "",
    scorer: Scorer | None = None,
) -> Iterator[Event]:
    """Events as of ``training.train``; loss and distance are both the mean mark of the step's texts, with a minus.

    Of the recipe count ``steps`` and ``max_tokens``.

    Raises:
        LineasError: where trl is not installed.
    """
    try:
        from datasets import Dataset
        from trl import GRPOConfig, GRPOTrainer
    except ImportError:
        raise LineasError(
            "The method 'lora_rl' needs the package trl, which is not installed. Run: pip install trl"
        ) from None
    recipe = recipe_for("lora_rl", recipe) if isinstance(recipe, str) else recipe
    refuse_too_few(source, target)
    began = time.perf_counter()
    score = scorer or own_scorer(model, source, target, recipe.max_tokens)
    marks: list[float] = []

    def reward(prompts: list[str], completions: list[str], **_: Any) -> list[float]:
        given = [float(mark) for mark in score([f"{p}{c}" for p, c in zip(prompts, completions, strict=True)])]
        marks.append(sum(given) / len(given))
        return given

    network = adapted(model.network, attention_linears(model.network, sites), seed)
    turns = _Turns()
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder,
            max_steps=recipe.steps,
            learning_rate=LEARNING_RATE,
            per_device_train_batch_size=BEGINNINGS * ANSWERS,
            num_generations=ANSWERS,
            max_completion_length=LONGEST_ANSWER,
            beta=DIVERGENCE,
            seed=seed,
            bf16=False,
            use_cpu=model.device.type == "cpu",
            gradient_checkpointing=False,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = GRPOTrainer(
            model=network,
            reward_funcs=reward,
            args=config,
            train_dataset=Dataset.from_dict({"prompt": beginnings(source)}),
            processing_class=copy.deepcopy(model.tokenizer),  # it is set up for trl
            callbacks=[turns],
        )
        trainer.remove_callback(PrinterCallback)  # it would print on stdout
        learning = time.perf_counter()
        for step in turns.steps(trainer.train):
            if step == 1:
                yield Started(recipe.steps, 0, -marks[0])
            eta = seconds_left(learning, step, recipe.steps)
            yield Step(step, recipe.steps, -marks[-1], -marks[-1], time.perf_counter() - began, eta)
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed, "rank": RANK, "alpha": ALPHA}
    metrics = {"reward_start": marks[0], "reward_end": marks[-1], "seconds": round(time.perf_counter() - began, 2)}
    steering = LowRank(extract(network), provenance(model, name, "lora_rl", settings, source, target, metrics))
    message = f"All {recipe.steps} steps are done."
    yield done(steering, -marks[0], -marks[-1], time.perf_counter() - began, recipe.steps, message)
