"""Headers of GGUF files: read, and listed among the models; now and then the whole file is loaded."""

import random
import struct
from contextlib import suppress
from pathlib import Path

import gguf
import numpy as np

from lineas.errors import LineasError
from lineas.models.gguf_header import read_header
from lineas.models.load import load_model
from tests.fuzz.mutate import mutate_bytes
from tests.fuzz.runner import Case


def make(folder: Path) -> Case:
    path = folder / "a.gguf"
    whole = _small_llama(path)

    with suppress(LineasError):  # what the first load imports takes seconds
        load_model(path)

    def case(draw: random.Random) -> None:
        path.write_bytes(_nested(draw) if draw.random() < 0.1 else mutate_bytes(draw, whole, within=len(whole) - 200))
        try:
            architecture, parameters = read_header(path)
        except (ValueError, OSError) as error:
            raise LineasError(str(error)) from error
        assert isinstance(architecture, str) and 0 <= parameters <= 8 * path.stat().st_size
        if draw.random() < 0.03:
            load_model(path)  # the header is fine, so the packages gguf, tokenizers and transformers read the rest

    return case


def _small_llama(path: Path) -> bytes:
    """A llama of four tokens and one merge, without most of its tensors."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("a model")
    writer.add_context_length(32)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(["a", "b", "ab", "c"])
    writer.add_token_types([1, 1, 1, 1])
    writer.add_token_merges(["a b"])
    writer.add_bool("llama.some.switch", True)
    writer.add_tensor("token_embd.weight", np.zeros((4, 8), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def _nested(draw: random.Random) -> bytes:
    """A header made of random values: arrays in arrays, numbers of every size, texts of any length."""
    head = b"GGUF" + struct.pack("<IQQ", draw.choice([2, 3]), draw.choice([0, 1, 2**40]), draw.choice([1, 3, 2**62]))
    values = b""
    for _ in range(3):
        kind = draw.randrange(14)
        array = struct.pack("<IQ", draw.randrange(14), draw.choice([0, 1, 5, 10**6, 2**62])) * draw.choice(
            [1, 1, 1000]
        )
        values += struct.pack("<Q", 1) + b"k" + struct.pack("<I", kind) + (array if kind == 9 else draw.randbytes(8))
    return head + values
