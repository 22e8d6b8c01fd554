"""LoRA (``lora``) by reinforcement learning: the model's own text is scored, and the score is the reward; by trl (extra ``rl``).

The LinEAS paper's strongest baseline on toxicity is PPO with the benchmark's classifier as reward. trl has dropped PPO; this is its
successor GRPO (Shao et al., arXiv 2402.03300, Eq. 3): among ``COMPLETIONS`` of one prompt, those with a reward above the mean
become likelier, with a penalty on the KL divergence from the plain model.

The prompts are the first thirds of the source sentences. Without a scorer, the reward is the probability that a text belongs to the
target, by a logistic classifier (as in ``iti_c``) on the plain model's activations: the same information that LinEAS has.

Left out: PPO's value network. trl seeds PyTorch's global random generator.
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
from torch import Tensor
from transformers import PrinterCallback, TrainerCallback

from lineas.errors import LineasError
from lineas.methods import recipe_for
from lineas.methods.fitting import done
from lineas.methods.lora import ALPHA, RANK, LoRA, adapter_tensors, attention_linears, with_new_adapters
from lineas.models.loaded import LoadedModel
from lineas.models.progress import TimeLeft
from lineas.training.activations import read_at_once
from lineas.training.batching import tokenize
from lineas.training.events import Event, Started, Step
from lineas.training.float64 import to_float64
from lineas.training.logistic import logistic_fit
from lineas.training.provenance import provenance, refuse_too_few
from lineas.training.recipes import Recipe

LEARNING_RATE = 5e-4
PROMPTS, COMPLETIONS, MAX_NEW_TOKENS = 4, 4, 24
KL_WEIGHT = 0.04
"""Weight of the KL divergence from the plain model (β in GRPO)."""

Scorer = Callable[[Sequence[str]], Sequence[float]]
"""Scores texts; more is better."""


class _Closed(Exception):
    """Ends the trainer's thread when no further event is wanted."""


class _StepByStep(TrainerCallback):
    """Runs trl's trainer in a thread that waits before each step until the step is asked for."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.closed = False
        self.results: SimpleQueue[int | BaseException | None] = SimpleQueue()

    def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
        self.asked.acquire()
        if self.closed:
            raise _Closed

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.results.put(state.global_step)

    def steps(self, run: Callable[[], object]) -> Iterator[int]:
        """Yield the number of each step of ``run`` when it is done; closing the iterator ends the thread."""

        def work() -> None:
            try:
                run()
                self.results.put(None)
            except BaseException as error:
                self.results.put(error)

        thread = threading.Thread(target=work, name="lineas-rl", daemon=True)
        thread.start()
        try:
            self.asked.release()
            while (result := self.results.get()) is not None:
                if isinstance(result, BaseException):
                    raise result
                yield result
                self.asked.release()
        finally:
            self.closed = True
            self.asked.release()
            thread.join()


def activation_scorer(model: LoadedModel, source: Sequence[str], target: Sequence[str], max_tokens: int) -> Scorer:
    """Scores a text by the probability, 0 to 1, that it belongs to the target, from its activations in the plain model."""

    def means(texts: Sequence[str]) -> Tensor:
        return to_float64(read_at_once(model, model.sites, tokenize(model, texts, max_tokens)))

    weights, offset = logistic_fit(means(source), means(target))
    return lambda texts: torch.sigmoid(means(texts) @ weights + offset).tolist()


def first_third(sentence: str) -> str:
    """The first third of a sentence's words, at least one."""
    words = sentence.split()
    return " ".join(words[: max(1, len(words) // 3)])


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
    """Train a LoRA; yields events as ``training.trainer.train`` does.

    A Step's loss and distance are both minus the mean reward of its texts. Only ``steps`` and ``max_tokens`` of the recipe matter.

    Raises:
        LineasError: trl is not installed, or too few sentences.
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
    score = scorer or activation_scorer(model, source, target, recipe.max_tokens)
    rewards: list[float] = []

    def reward(prompts: list[str], completions: list[str], **_: Any) -> list[float]:
        scores = [float(value) for value in score([f"{p}{c}" for p, c in zip(prompts, completions, strict=True)])]
        rewards.append(sum(scores) / len(scores))
        return scores

    network = with_new_adapters(model.network, attention_linears(model.network, sites), seed)
    callback = _StepByStep()
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder, max_steps=recipe.steps, learning_rate=LEARNING_RATE, beta=KL_WEIGHT, seed=seed,
            per_device_train_batch_size=PROMPTS * COMPLETIONS, num_generations=COMPLETIONS,
            max_completion_length=MAX_NEW_TOKENS, use_cpu=model.device.type == "cpu", bf16=False, gradient_checkpointing=False,
            save_strategy="no", logging_strategy="no", report_to="none", disable_tqdm=True,
        )  # fmt: skip
        dataset = Dataset.from_dict({"prompt": [first_third(sentence) for sentence in source]})
        tokenizer = copy.deepcopy(model.tokenizer)  # trl changes its settings
        trainer = GRPOTrainer(network, reward, config, dataset, processing_class=tokenizer, callbacks=[callback])
        trainer.remove_callback(PrinterCallback)  # it would print on stdout
        time_left = TimeLeft(recipe.steps)
        for step in callback.steps(trainer.train):
            if step == 1:
                yield Started(recipe.steps, 0, -rewards[0])
            eta = time_left.after(step)
            yield Step(step, recipe.steps, -rewards[-1], -rewards[-1], time.perf_counter() - began, eta)
    settings = {"recipe": asdict(recipe), "sites": sites, "seed": seed, "rank": RANK, "alpha": ALPHA}
    seconds = time.perf_counter() - began
    metrics = {"reward_start": rewards[0], "reward_end": rewards[-1], "seconds": round(seconds, 2)}
    adapter = LoRA(adapter_tensors(network), provenance(model, name, "lora_rl", settings, source, target, metrics))
    yield done(adapter, -rewards[0], -rewards[-1], seconds, recipe.steps, f"All {recipe.steps} steps are done.")
