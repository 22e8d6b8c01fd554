"""Loading a model by name: the built-in one, a Hugging Face id, a folder, or a ``.gguf`` file."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from lineas.errors import LineasError
from lineas.models.builtin import fetch_default
from lineas.models.cpu_linear import choose_linear_layers
from lineas.models.gguf_header import read_header
from lineas.models.hardware import choose_device, choose_dtype, choose_place
from lineas.models.local import find_path
from lineas.models.memory import Evictable
from lineas.models.progress import Progress, silent
from lineas.models.quantize import check_quantize, quantized_dtype, weight_share

# transformers, and the modules that need it, take seconds to import: they wait until the default model is fetched
if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from lineas.models.loaded import LoadedModel
    from lineas.models.network import Checkpoint


def load_model(
    name: str | Path = "default",
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    quantize: str | None = None,
    progress: Progress | None = None,
    present: Evictable | None = None,
) -> "LoadedModel":
    """Load a network with its tokenizer and sites, frozen and ready to be steered.

    Args:
        name: "default" (downloaded on first use), a Hugging Face id ("Qwen/Qwen2.5-0.5B-Instruct"), a folder in transformers'
            format, or a ``.gguf`` file. Only safetensors and GGUF weights are read, and a model's own code is never run.
        device: "cpu", "cuda", "cuda:1", "mps"; by default the best one.
        dtype: "float32", "bfloat16", "float16"; by default the best one for the device.
        quantize: "8bit" or "4bit" (NF4) for the weights of all linear layers but the last, by bitsandbytes; not for GGUF files.
            Maps are taught through them in ``dtype``, which is then bfloat16 on a CPU, too.
        progress: called with a sentence and the fraction done, or None where that is unknown.
        present: a model that this one replaces. It is evicted if the two do not fit into memory together, once this one was
            downloaded and everything about it that can be checked without loading the weights was checked.

    Raises:
        LineasError: one sentence for everything that can go wrong: no such model, no network, too little memory, damaged files,
            not a language model.

    Example:
        model = load_model("default")
        model.network, model.tokenizer, model.sites
    """
    name, progress = str(name), progress or silent
    progress("Starting …", None)
    chosen = choose_device(device)
    check_quantize(quantize)
    dtype = choose_dtype(chosen, quantized_dtype(chosen, dtype) if quantize else dtype)
    target = _Target(chosen, dtype, quantize, device is None, present)
    if name == "default":
        folder = fetch_default(progress)
        return _load(folder, name, target, progress, f"Delete the folder {folder}, and it is fetched again.")
    if path := find_path(name):
        return _load(path, name, target, progress)
    return _load_from_hub(name, target, progress)


def wrap_model(network: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", id: str = "custom") -> "LoadedModel":
    """Make a network that is already built ready to be steered: frozen, in eval mode, on the device where it is.

    Args:
        network: any decoder-only model of transformers. Its config is set to return named outputs (``return_dict``).
        tokenizer: its tokenizer, set to pad on the left, as generation needs; it gets a padding token if it has none.
        id: what maps record as the model they were trained for.

    Raises:
        LineasError: the network has no site that can be steered.
    """
    from transformers import PretrainedConfig

    from lineas.models.chat import form_of
    from lineas.models.fingerprint import fingerprint
    from lineas.models.loaded import LoadedModel, embedding_rows
    from lineas.models.sites import best_sites, missing_sites

    network.eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(config := getattr(module, "config", None), PretrainedConfig):
            config.return_dict = True
    tokenizer.padding_side = "left"
    if "attention_mask" not in tokenizer.model_input_names:
        tokenizer.model_input_names = [*tokenizer.model_input_names, "attention_mask"]
    known = embedding_rows(network)
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id >= known:
        # GPT-2 and Llama 3 have none, some fine-tuned models one without an embedding. Padding is masked, so any token will do
        end = tokenizer.eos_token_id
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(end if end is not None and end < known else 0)
    if network.generation_config.pad_token_id is None:
        network.generation_config.pad_token_id = tokenizer.pad_token_id
    notes = list(missing_sites(network))
    if tokenizer.chat_template and isinstance(reason := form_of(tokenizer), str):
        notes.append(f"The chat template of this model cannot be used ({reason}), so that it continues texts instead.")
    _, sites = best_sites(network)
    return LoadedModel(id, network, tokenizer, sites, fingerprint(network, sites), tuple(notes))


@dataclass(frozen=True)
class _Target:
    device: torch.device
    dtype: torch.dtype
    quantize: str | None
    may_spread: bool
    """True if the user named no device, so that the network may be spread over several graphics cards."""
    present: Evictable | None

    @property
    def weight_share(self) -> float:
        return weight_share(self.quantize, self.dtype)

    def place(self, count: int, checkpoint: "Checkpoint", *, evict: bool = False) -> torch.device | str:
        """Check that a model with so many weights fits, and return its device map.

        Memory of the present model counts as free. With ``evict`` that model leaves now, unless both fit side by side.

        Raises:
            LineasError: it does not fit; nothing was evicted.
        """
        name, is_gguf = checkpoint.name, checkpoint.path.is_file()
        wanted = [(count, self.device, self.may_spread and not is_gguf)]
        if is_gguf:  # the unpacked tensors and the network they are copied to are there at the same time, on the CPU
            wanted.insert(0, (2 * count, torch.device("cpu"), False))
        try:
            return [choose_place(n, name, device, self.dtype, spread) for n, device, spread in wanted][-1]
        except LineasError:
            if self.present is None:
                raise
        places = [choose_place(n, name, device, self.dtype, spread, self.present) for n, device, spread in wanted]
        if not evict:
            return places[-1]
        self.present.evict()
        return self.place(count, checkpoint)


def _load(
    path: Path,
    name: str,
    target: _Target,
    progress: Progress,
    remedy: str = "Fetch it again, or choose another model.",
) -> "LoadedModel":
    from lineas.models.gguf import patched_gguf
    from lineas.models.network import Checkpoint, count_parameters, loading_errors, read_network
    from lineas.models.quiet import quiet

    if path.is_file():
        remedy = "The file may be cut short, or of a kind that transformers cannot read; choose another."
    checkpoint = Checkpoint(path, name, remedy)
    check_quantize(target.quantize, path)
    with ExitStack() as contexts:
        contexts.enter_context(loading_errors(checkpoint))
        contexts.enter_context(quiet())
        if path.is_file():
            with path.open("rb") as file:
                if file.read(4) != b"GGUF":
                    raise LineasError(
                        f"{name!r} is a file, but not a GGUF file. Give a .gguf file, a model's folder, or a name."
                    )
            read_header(path)  # the package gguf hangs, and fills the memory, on sizes that cannot be true
            contexts.enter_context(patched_gguf(progress))
        count = count_parameters(checkpoint, target.weight_share)
        target.place(count, checkpoint)
        progress(f"Loading {'the built-in model' if name == 'default' else name} …", None)
        network, tokenizer = read_network(
            checkpoint, target.dtype, lambda: target.place(count, checkpoint, evict=True), target.quantize
        )
        model = wrap_model(network, tokenizer, name)
        choose_linear_layers(network)
        return model


def _load_from_hub(name: str, target: _Target, progress: Progress) -> "LoadedModel":
    from lineas.models.hub import fetch
    from lineas.models.network import Checkpoint, count_parameters, loading_errors
    from lineas.models.quiet import quiet

    checkpoint = Checkpoint(fetch(name, progress, weights=False), name)
    with loading_errors(checkpoint), quiet():
        # before gigabytes are fetched in vain
        target.place(count_parameters(checkpoint, target.weight_share), checkpoint)
    return _load(fetch(name, progress, weights=True), name, target, progress)
