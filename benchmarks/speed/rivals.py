"""The whole fit beside other programs' on the same examples: repeng, steering-vectors and pyreft, in an environment of their own.

They are installed without their requirements (which name older versions than they run with) into a folder that only the
measuring process sees, and need in addition: matplotlib, scikit-learn.
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
from pathlib import Path
from typing import Any

from benchmarks.report import table
from benchmarks.speed.steps import PRESET, example
from benchmarks.speed.whole import whole
from benchmarks.timing import alternate
from lineas.errors import LineasError
from lineas.models.builtin import fetch_default
from lineas.models.load import load_model, wrap_model
from lineas.models.loaded import LoadedModel

PINS = ("repeng==0.4.0", "steering-vectors==0.12.2", "pyreft==0.1.0", "pyvene==0.1.8")
NEEDED = ("matplotlib", "scikit-learn")
WANTED = {"repeng": "3"}
REFT_EPOCHS, REFT_MEASURED = 100, 1
"""pyreft's own example trains 100 epochs; that many are timed, and the rest scaled."""


def measure(name: str, rounds: int) -> str:
    installed = {distribution.metadata["Name"] for distribution in distributions()}
    if missing := [package for package in NEEDED if package not in installed]:
        raise LineasError(f"The rivals need {' and '.join(missing)}: pip install {' '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, *PINS]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        root = str(Path(__file__).resolve().parents[2])
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, folder])}
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.speed.rivals", name, str(max(3, rounds // 2))]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    seconds, ratios = json.loads(done.stdout.splitlines()[-1])
    rows = [(who, f"{seconds[who]:.1f}", ratios.get(who, ""), WANTED.get(who, "")) for who in seconds]
    return f"""### Beside other programs

The whole fit on the same 32 + 32 sentences (preset `{PRESET}`), model `{name}`; {", ".join(PINS)}; medians of rounds in
turn. repeng and steering-vectors read every sentence once and take a difference or a principal direction; they learn nothing by
gradient. steering-vectors is measured at LinEAS's sites, with its default batch of one and with 32. pyreft learns (LoReFT of
rank 4 at the middle block, the target sentences from their first third): {REFT_MEASURED} of its {REFT_EPOCHS} epochs was
run, and scaled. All others run on the network as transformers loads it in float32; `quick` on ours, with linear layers that are
chosen for this computer (`lineas/model/linear.py`), which would serve the others, too.

{table(("program", "seconds", "`quick` takes times as long", "wanted, at most"), rows)}
"""


def fits(name: str) -> dict[str, Callable[[], object]]:
    """Each program's whole fit, ready to be timed."""
    import numpy as np

    np.float_ = np.float64  # repeng 0.4.0 was written for NumPy 1
    from repeng import ControlModel, ControlVector, DatasetEntry
    from steering_vectors import train_steering_vector

    ours, model = load_model(name), _as_transformers_loads_it(name)
    pairs = list(zip(example().target, example().source, strict=True))

    def repeng() -> None:
        wrapped = ControlModel(model.network, list(range(-5, -18, -1)))  # its README's layers
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
        # a network of its own: it takes all others' hooks off
        "pyreft": lambda: _pyreft(_as_transformers_loads_it(name)),
    }


def _as_transformers_loads_it(name: str) -> LoadedModel:
    """What the others' users have: a network without the linear layers that ours gets."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = fetch_default() if name == "default" else name
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return wrap_model(network, AutoTokenizer.from_pretrained(folder), name)


def _pyreft(model: LoadedModel) -> None:
    import pyreft
    import torch
    from transformers import TrainingArguments

    class Trainer(pyreft.ReftTrainerForCausalLM):  # type: ignore[misc]  # transformers 5 gives one argument more
        def compute_loss(self, intervenable: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
            return super().compute_loss(intervenable, inputs, return_outputs)

    width = model.network.config.hidden_size
    intervention = pyreft.LoreftIntervention(embed_dim=width, low_rank_dimension=4, dtype=torch.float32)
    place = {"layer": model.network.config.num_hidden_layers // 2, "component": "block_output"}
    config = pyreft.ReftConfig(representations=place | {"low_rank_dimension": 4, "intervention": intervention})
    wrapped = pyreft.get_reft_model(model.network, config)
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
            num_train_epochs=REFT_MEASURED,
            per_device_train_batch_size=10,
            learning_rate=4e-3,
            report_to="none",
            save_strategy="no",
            use_cpu=model.device.type == "cpu",
            disable_tqdm=True,
        )
        Trainer(model=wrapped, processing_class=model.tokenizer, args=arguments, **data).train()


def main(name: str, rounds: int) -> None:
    """Runs where the rivals can be imported; prints medians and ratios as one line of JSON."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        timings = alternate(fits(name), rounds)
    first, *others = timings.seconds
    seconds = {who: timings.median(who) for who in timings.seconds}
    ratios = {who: timings.ratio_text(first, who) for who in others}
    scale = REFT_EPOCHS / REFT_MEASURED
    seconds["pyreft"] *= scale
    low, high = (value / scale for value in timings.ratio(first, "pyreft")[1:])
    ratios["pyreft"] = f"{timings.ratio(first, 'pyreft')[0] / scale:.2f} ({low:.2f} to {high:.2f})"
    print(json.dumps([seconds, ratios]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
