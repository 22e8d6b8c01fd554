"""What must hold for a model of any architecture: every door gives the plain model's text at strength 0, and it can be taught."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from maps import random_map
from starlette.testclient import TestClient
from tiny import SOURCE, TARGET
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from lineas import LineasError, Row, Sampling, SteeringMap, generate, load_model, steer, stream, train
from lineas.generation.listener import Answer
from lineas.generation.padding import groups
from lineas.generation.prefix_cache import cache_of
from lineas.models.loaded import LoadedModel
from lineas.models.quiet import quiet
from lineas.models.sites import best_sites, find_blocks
from lineas.server.app import create_app
from lineas.service.service import StudioService
from lineas.training.events import Done
from lineas.training.recipes import recipe_named
from tests.architectures.configs import VOCABULARY, tiny_network

GREEDY = Sampling(max_new_tokens=8, temperature=0, repetition_penalty=1, chat=False)
LONG = "the day was good and bright , the sea was grey and the morning was fine"
SHORT = "my work is"
STEPS = 3


class Server:
    """OpenAI's protocol over a service that holds one model after another."""

    def __init__(self, home: Path) -> None:
        self.service = StudioService(root=home, health_checks=False)
        self.service.start(load=False)
        self._client = TestClient(create_app(self.service, None), base_url="http://127.0.0.1")

    def say(self, name: str, prompt: str) -> str:
        asked = {
            "model": name, "prompt": prompt, "max_tokens": GREEDY.max_new_tokens, "temperature": 0, "repetition_penalty": 1,
        }  # fmt: skip
        reply = self._client.post("/completions", json=asked)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["choices"][0]["text"])


@contextmanager
def server(home: Path) -> Iterator[Server]:
    running = Server(home)
    try:
        yield running
    finally:
        running.service.close()


def plain_text(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompt: str) -> str:
    """The greedy continuation by transformers alone."""
    ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
    network.generation_config = GenerationConfig(
        max_new_tokens=GREEDY.max_new_tokens, do_sample=False, eos_token_id=1, pad_token_id=0
    )
    with torch.no_grad():
        said = network.generate(ids, attention_mask=torch.ones_like(ids))
    start = 1 if network.config.is_encoder_decoder else ids.shape[1]
    return str(tokenizer.decode(said[0, start:], skip_special_tokens=True))


def texts(answers: list[Answer]) -> list[str]:
    return [answer.text for answer in answers]


def strength_0_is_plain(model: LoadedModel, steering_map: SteeringMap, expected: dict[str, str]) -> None:
    """Whole, streamed, and streamed again, when the prompt may come from a cache."""
    rows = [Row(), Row(steering_map, 0.0), Row(steering_map, 0.0, scope="answer")]
    for prompt, text in expected.items():
        assert texts(generate(model, [prompt], rows, GREEDY)[0]) == [text] * 3, "generate"
        for _ in range(2):
            *_, last = stream(model, prompt, rows, GREEDY)
            assert texts(last) == [text] * 3, "stream"
    ids = model.tokenizer([LONG], return_tensors="pt")["input_ids"]
    with torch.no_grad():
        plain = model.network(input_ids=ids, use_cache=False).logits
        with steer(model, steering_map, 0.0):
            assert torch.equal(model.network(input_ids=ids, use_cache=False).logits, plain), "steer"


def rows_and_padding_are_independent(model: LoadedModel, steering_map: SteeringMap) -> None:
    rows = [Row(), Row(steering_map, 1.0), Row(steering_map, 1.0, scope="answer")]
    together = generate(model, [LONG, SHORT], rows, GREEDY)
    for prompt, answers in zip([LONG, SHORT], together, strict=True):
        alone = [generate(model, [prompt], [row], GREEDY)[0][0] for row in rows]
        assert answers == alone, f"rows of {prompt!r}"
        *_, last = stream(model, prompt, rows, GREEDY)
        assert texts(last) == texts(alone), f"streamed rows of {prompt!r}"


def the_server_agrees(server: Server, model: LoadedModel, saved: Path, expected: dict[str, str]) -> None:
    server.service.use_model(model)
    concept = server.service.import_concept(saved)
    steered = Row(server.service.steering_map(concept.id), 1.0)
    for prompt, text in expected.items():
        assert server.say(model.id, prompt) == text, "server, plain"
        assert server.say(f"{concept.name}@0", prompt) == text, "server, strength 0"
        whole = texts(generate(model, [prompt], [steered], GREEDY)[0])
        assert [server.say(f"{concept.name}@1", prompt)] == whole, "server, steered"
    server.service.delete(concept.id)


def every_site_moves_the_text(model: LoadedModel) -> None:
    """Each site of each set that the recipes use changes the logits when it alone is steered."""
    ids = model.tokenizer([LONG], return_tensors="pt")["input_ids"]
    sites = {site.name: site for site in (*model.sites, *best_sites(model.network, "blocks")[1])}
    with torch.no_grad():
        plain = model.network(input_ids=ids, use_cache=False).logits
        for site in sites.values():
            with steer(model, random_map((site,)), 1.0):
                moved = model.network(input_ids=ids, use_cache=False).logits
            assert not torch.equal(moved, plain), f"{site.name} does nothing"


def a_training_moves_the_distance(model: LoadedModel) -> tuple[float, SteeringMap]:
    *_, done = train(model, SOURCE, TARGET, recipe_named("quick", steps=STEPS))
    assert isinstance(done, Done)
    assert done.loss_end < done.loss_start, f"{done.loss_start} → {done.loss_end}"
    return done.loss_end / done.loss_start, done.map


class NotComparable(Exception):
    """There is no model to test, or no text to compare with."""


def _brief(failure: Exception) -> str:
    words = " ".join(f"{type(failure).__name__}: {failure}".split())
    return words if len(words) <= 110 else f"{words[:109]}…"


@dataclass(frozen=True)
class Result:
    """How a model fared.

    Attributes:
        untested: why there was nothing to compare with; empty if there was.
        refusal: the sentence with which it was refused; empty where it was taken.
        failure: what did not hold; empty if everything did.
        blocks: number of decoder blocks, and how many of them have a site of the set "default".
        sites: the last parts of the names of those sites.
        reuses: whether prompts that were read before are not read again.
        together: which rows are decoded together.
        moved: distance after the training as a share of the distance before.
    """

    untested: str = ""
    refusal: str = ""
    failure: str = ""
    blocks: tuple[int, int] = (0, 0)
    sites: tuple[str, ...] = ()
    reuses: bool = False
    moved: float = 1.0
    together: str = ""


def save_tokenizer(folder: Path) -> None:
    """Save a byte-level tokenizer, which transformers reads alike for all families; a small one of words it does not."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<pad>", "<end>", "<unk>"], show_progress=False
    )
    tokenizer.train_from_iterator([*SOURCE, *TARGET, LONG, SHORT], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<end>", unk_token="<unk>")
    fast.save_pretrained(folder)


def check(architecture: str, folder: Path, server: Server) -> Result:
    """Build a tiny network, save it, load it by its folder, and try everything; ``folder`` is removed afterwards."""
    try:
        return _check(architecture, folder, server)
    except NotComparable as reason:
        return Result(untested=str(reason))
    except LineasError as refusal:
        return Result(refusal=str(refusal).replace(str(folder), folder.name))
    except Exception as failure:
        return Result(failure=_brief(failure))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kind(site: str, blocks: list[str]) -> str:
    return "block" if site in blocks else site.rpartition(".")[2]


def _check(architecture: str, folder: Path, server: Server) -> Result:
    try:
        network = tiny_network(architecture)
        with torch.no_grad(), quiet():
            network(input_ids=torch.tensor([[5, 6, 7, 8]] * 2), use_cache=False)
    except Exception as failure:
        raise NotComparable(f"not built: {_brief(failure)}") from None
    with quiet():
        network.save_pretrained(folder)
    save_tokenizer(folder)
    model = load_model(folder)
    with quiet():
        plain = AutoModelForCausalLM.from_pretrained(folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
    try:
        expected = {prompt: plain_text(plain, tokenizer, prompt) for prompt in (LONG, SHORT)}
    except Exception as failure:
        raise NotComparable(f"transformers itself cannot decode: {_brief(failure)}") from None
    steering_map = random_map(model.sites, size=0.3)
    saved = folder / "map.safetensors"
    steering_map.with_metadata(base_model=model.id).save(saved)
    read = SteeringMap.load(saved)
    assert all(torch.equal(read.scale[site], steering_map.scale[site]) for site in steering_map.sites), "save, load"
    every_site_moves_the_text(model)
    strength_0_is_plain(model, read, expected)
    rows_and_padding_are_independent(model, read)
    the_server_agrees(server, model, saved, expected)
    moved, _ = a_training_moves_the_distance(model)
    blocks = find_blocks(model.network)
    with_site = {site.depth for site in model.sites}
    kinds = tuple(dict.fromkeys(_kind(site.name, blocks) for site in model.sites))
    long, short = ([1] * 4, [0, 1, 1, 1])
    each = [len(groups(model, torch.tensor(rows))) == 1 for rows in ([long, long], [short, long])]
    together = "all" if all(each) else "of one length" if each[0] else "none"
    return Result(
        blocks=(len(blocks), len(with_site)),
        sites=kinds,
        reuses=bool(cache_of(model).exact),
        together=together,
        moved=moved,
    )
