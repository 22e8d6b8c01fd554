"""Loading a model by its name: the built-in one, one of the Hugging Face hub, a folder, or a ``.gguf`` file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from lineas.errors import LineasError
from lineas.files import as_path
from lineas.models.builtin import fetch_default
from lineas.models.cpu_linear import choose_linear_layers
from lineas.models.hardware import choose_device, choose_dtype, choose_place
from lineas.models.memory import Evictable
from lineas.models.progress import Progress, silent

# transformers takes seconds to import, and so do the modules that need it: they wait until the default model is fetched
if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from lineas.models.loaded import LoadedModel
    from lineas.models.network import Checkpoint


def load_model(
    name: str | Path = "default",
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    progress: Progress | None = None,
    present: Evictable | None = None,
) -> "LoadedModel":
    """A frozen network with its tokenizer and sites, ready to be steered.

    Args:
        name: "default" (fetched at first use), a Hugging Face id ("Qwen/Qwen2.5-0.5B-Instruct"), a folder in transformers'
            format, or a ``.gguf`` file. Only safetensors and GGUF weights are read, and no code that a model brings is run.
        device: "cpu", "cuda", "cuda:1", "mps"; without it, the best that is there.
        dtype: "float32", "bfloat16", "float16"; without it, the best for the device.
        progress: told a sentence, and the share that is done or None.
        present: a model that this one replaces. It is evicted if the two do not fit into memory together, once this one was
            downloaded and everything about it that can be checked without loading the weights was checked.

    Raises:
        LineasError: one sentence for whatever can go wrong: no such model, no network, no room, damaged, not a text model.

    Example:
        model = load_model("default")
        model.network, model.tokenizer, model.sites
    """
    name, progress = str(name), progress or silent
    progress("Starting …", None)
    chosen = choose_device(device)
    wish = _Wish(chosen, choose_dtype(chosen, dtype), device is None, present)
    if name == "default":
        folder = fetch_default(progress)
        return _load_folder(
            folder, name, wish, progress, remedy=f"Delete the folder {folder}, and it is fetched again."
        )
    path = as_path(name)
    if not name.strip():
        raise LineasError("No model was named. Give 'default', a name on Hugging Face, a folder, or a .gguf file.")
    if path.is_dir():
        return _load_folder(path, name, wish, progress)
    if path.is_file():
        return _load_gguf(path, name, wish, progress)
    looks_like_a_path = name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1
    if looks_like_a_path or path.suffix.lower() == ".gguf":
        raise LineasError(
            f"There is no file or folder {name!r}. Check the spelling; the built-in model is called 'default'."
        )
    return _load_from_hub(name, wish, progress)


def wrap_model(network: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", id: str = "custom") -> "LoadedModel":
    """Makes a network that is already built ready to be steered. It is frozen and put in eval mode, and stays where it is.

    Args:
        network: any decoder-only model of transformers, on any device.
        tokenizer: its tokenizer; from now on it pads on the left, as generating needs, with a padding token in any case.
        id: what maps remember as the model they were trained for.

    Raises:
        LineasError: where the network has no site that can be steered.
    """
    from lineas.models.fingerprint import fingerprint
    from lineas.models.loaded import LoadedModel
    from lineas.models.sites import find_sites

    network.eval().requires_grad_(False)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:  # GPT-2, Llama 3. Padding is masked, so any token will do
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    if network.generation_config.pad_token_id is None:
        network.generation_config.pad_token_id = tokenizer.pad_token_id
    sites = find_sites(network)
    return LoadedModel(id, network, tokenizer, sites, fingerprint(network, sites))


@dataclass(frozen=True)
class _Wish:
    device: torch.device
    dtype: torch.dtype
    may_spread: bool  # over several graphics cards, since the user named none
    present: Evictable | None

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


def _load_folder(
    folder: Path, name: str, wish: _Wish, progress: Progress, remedy: str = "Choose another model, or fetch it again."
) -> "LoadedModel":
    from lineas.models.network import Checkpoint, count_parameters, read_network
    from lineas.models.quiet import quiet

    checkpoint = Checkpoint(folder, name, remedy)
    with quiet():
        count = count_parameters(checkpoint)
        wish.place(count, checkpoint)
        progress(f"Loading {'the built-in model' if name == 'default' else name} …", None)
        network, tokenizer = read_network(checkpoint, wish.dtype, lambda: wish.place(count, checkpoint, evict=True))
        model = wrap_model(network, tokenizer, name)
        choose_linear_layers(network)
        return model


def _load_from_hub(name: str, wish: _Wish, progress: Progress) -> "LoadedModel":
    from lineas.models.hub import fetch_description, fetch_weights
    from lineas.models.network import Checkpoint, count_parameters
    from lineas.models.quiet import quiet

    checkpoint = Checkpoint(fetch_description(name, progress), name)
    with quiet():
        wish.place(count_parameters(checkpoint), checkpoint)  # before gigabytes are fetched for nothing
    return _load_folder(fetch_weights(name, progress), name, wish, progress)


def _load_gguf(path: Path, name: str, wish: _Wish, progress: Progress) -> "LoadedModel":
    from lineas.models import gguf as gguf_file
    from lineas.models.network import Checkpoint, loading_errors_in_plain_words
    from lineas.models.quiet import quiet

    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise LineasError(
                f"{name!r} is a file, but not a GGUF file. Give a .gguf file, a model's folder, or a name."
            )
    progress(f"Reading {path.name} …", None)
    checkpoint = Checkpoint(
        path, name, "The file may be cut short, or of a kind that transformers cannot read; choose another."
    )
    with quiet(), gguf_file.parsed_once():
        with loading_errors_in_plain_words(checkpoint):
            count = gguf_file.count_parameters(path)
        wish.place(count, checkpoint, evict=True)
        with loading_errors_in_plain_words(checkpoint):
            network, tokenizer = gguf_file.read_network(path, wish.dtype, progress)
            network.to(wish.device)  # type: ignore[arg-type]  # transformers' decorator hides the signature
        model = wrap_model(network, tokenizer, name)
        choose_linear_layers(network)
        return model
