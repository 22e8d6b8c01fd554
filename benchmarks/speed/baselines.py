"""The whole training beside other libraries on the same examples: repeng, steering-vectors and pyreft.

They are installed without their dependencies (which name older versions than they run with) into a temporary folder that only the
measuring process sees. They also need matplotlib and scikit-learn.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import distributions
from typing import Any

from benchmarks.report import table
from benchmarks.speed.start import ROOT
from benchmarks.speed.steps import example
from benchmarks.speed.timing import alternate
from benchmarks.speed.whole import whole
from lineas.errors import LineasError
from lineas.models.builtin import fetch_default
from lineas.models.load import load_model, wrap_model
from lineas.models.loaded import LoadedModel

PINS = ("repeng==0.4.0", "steering-vectors==0.12.2", "pyreft==0.1.0", "pyvene==0.1.8")
NEEDED = {"matplotlib", "scikit-learn"}
WANTED = {"repeng": "3"}
REFT_EPOCHS = 100
"""Epochs of pyreft's own example; one is measured and scaled."""


def measure(name: str, rounds: int) -> str:
    if missing := sorted(NEEDED - {distribution.metadata["Name"] for distribution in distributions()}):
        raise LineasError(f"The other libraries need {' and '.join(missing)}: pip install {' '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, *PINS]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), folder])}
        command = [sys.executable, "-W", "ignore", "-m", __name__, name, str(max(3, rounds // 2))]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    seconds, ratios = json.loads(done.stdout.splitlines()[-1])
    rows = [(who, f"{seconds[who]:.1f}", ratios.get(who, ""), WANTED.get(who, "")) for who in seconds]
    return table(("program", "seconds", "`quick` takes times as long", "wanted, at most"), rows)


def main(name: str, rounds: int) -> None:
    """Run where the libraries can be imported; print medians and ratios as one line of JSON."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        timings = alternate(trainings(name), rounds)
    ours, *others = timings.seconds
    seconds = {who: timings.median(who) for who in timings.seconds}
    seconds["pyreft"] *= REFT_EPOCHS
    ratios = {who: timings.ratio(ours, who, 1 / REFT_EPOCHS if who == "pyreft" else 1) for who in others}
    print(json.dumps([seconds, ratios]))


def trainings(name: str) -> dict[str, Callable[[], object]]:
    """Each library's whole training, ready to be timed."""
    import numpy as np

    np.float_ = np.float64  # repeng 0.4.0 was written for NumPy 1
    from repeng import ControlModel, ControlVector, DatasetEntry
    from steering_vectors import train_steering_vector

    ours, model = load_model(name), _plain_transformers(name)
    pairs = list(zip(example().target, example().source, strict=True))

    def repeng() -> None:
        wrapped = ControlModel(model.network, list(range(-5, -18, -1)))  # the layers of its README
        try:
            ControlVector.train(wrapped, model.tokenizer, [DatasetEntry(*pair) for pair in pairs])
        finally:
            wrapped.unwrap()

    def steering_vectors(batch_size: int) -> None:
        train_steering_vector(
            model.network, model.tokenizer, pairs, layer_type="post_attention_layernorm", batch_size=batch_size
        )

    return {
        "LinEAS `quick`": lambda: whole(ours, "quick"),
        "repeng": repeng,
        "steering-vectors, batch 1": lambda: steering_vectors(1),
        "steering-vectors, batch 32": lambda: steering_vectors(32),
        # a network of its own, because it removes all other hooks
        "pyreft": lambda: _pyreft(_plain_transformers(name)),
    }


def _plain_transformers(name: str) -> LoadedModel:
    """The network as transformers loads it, without the linear layers that ``load_model`` may choose for this computer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = fetch_default() if name == "default" else name
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return wrap_model(network, AutoTokenizer.from_pretrained(folder), name)


def _pyreft(model: LoadedModel) -> None:
    """One epoch of LoReFT of rank 4 at the middle block: the rest of each target sentence from its first third."""
    import pyreft
    import torch
    from transformers import TrainingArguments

    class Trainer(pyreft.ReftTrainerForCausalLM):  # type: ignore[misc]  # transformers 5 passes one more argument
        def compute_loss(self, intervenable: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
            return super().compute_loss(intervenable, inputs, return_outputs)

    config = model.network.config
    intervention = pyreft.LoreftIntervention(embed_dim=config.hidden_size, low_rank_dimension=4, dtype=torch.float32)
    place = {"layer": config.num_hidden_layers // 2, "component": "block_output", "low_rank_dimension": 4}
    reft = pyreft.ReftConfig(representations=place | {"intervention": intervention})
    wrapped = pyreft.get_reft_model(model.network, reft)
    model.tokenizer.model_max_length = 512
    words = [text.split() for text in example().target]
    data = pyreft.make_last_position_supervised_data_module(
        model.tokenizer,
        model.network,
        [" ".join(some[: len(some) // 3]) for some in words],
        [" ".join(some[len(some) // 3 :]) for some in words],
    )
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=1,
            per_device_train_batch_size=10,
            learning_rate=4e-3,
            report_to="none",
            save_strategy="no",
            use_cpu=model.device.type == "cpu",
            disable_tqdm=True,
        )
        Trainer(model=wrapped, processing_class=model.tokenizer, args=arguments, **data).train()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
