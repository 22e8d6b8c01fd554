"""Folders that differ from the usual one in what people's folders differ in: loaded all the same, or refused in a sentence."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import CHAT, make_tokenizer, save_model

from lineas import LineasError, Row, Sampling, generate, load_model
from lineas.models.loaded import LoadedModel

Change = Callable[[Path], object]
GREEDY = Sampling(max_new_tokens=6, temperature=0)
SAID = "the day was good"
SYSTEM = "{% if messages[0].role != 'system' %}{{ raise_exception('no system') }}{% endif %}"


def edit(name: str, **changes: object) -> Change:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps((json.loads(path.read_text()) if path.exists() else {}) | changes))

    return apply


def write(name: str, text: str) -> Change:
    return lambda folder: (folder / name).write_text(text)


def decoding(**settings: object) -> Change:
    return edit("generation_config.json", **settings)


def config(**settings: object) -> Change:
    return edit("config.json", **settings)


def tokenizer(**settings: object) -> Change:
    return edit("tokenizer_config.json", **settings)


def template(text: str) -> Change:
    return write("chat_template.jinja", text)


def templates(**named: str) -> Change:
    def apply(folder: Path) -> None:
        (folder / "chat_template.jinja").unlink(missing_ok=True)
        tokenizer(chat_template=[{"name": name, "template": text} for name, text in named.items()])(folder)

    return apply


def weights(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Change:
    def apply(folder: Path) -> None:
        path = folder / "model.safetensors"
        save_file(change(load_file(path)), path, {"format": "pt"})

    return apply


def sharded(*names: str, keep: bool = False) -> Change:
    """Divide the weights among files of these names."""

    def apply(folder: Path) -> None:
        whole = load_file(folder / "model.safetensors")
        placed = {name: names[i % len(names)] for i, name in enumerate(whole)}
        for file in names:
            path = folder / file
            path.parent.mkdir(exist_ok=True)
            save_file({name: whole[name] for name, there in placed.items() if there == file}, path, {"format": "pt"})
        edit("model.safetensors.index.json", metadata={}, weight_map=placed)(folder)
        if not keep:
            (folder / "model.safetensors").unlink()

    return apply


def new_pad(folder: Path) -> None:
    """A padding token that was added without an embedding, as many fine-tuned models have one."""
    read = make_tokenizer()
    read.add_tokens([f"new{number}" for number in range(40)], special_tokens=True)  # left out of texts
    read.add_special_tokens({"pad_token": "[PAD]"})
    assert read.pad_token_id > 64
    read.save_pretrained(folder)


PARTS = (
    "{% for m in messages %}<|{{ m['role'] }}|> {% for part in m['content'] %}{{ part['text'] }}{% endfor %} <end> {% endfor %}"
    "{% if add_generation_prompt %}<|assistant|> {% endif %}"
)
THINKS = CHAT.replace("{{ '<|assistant|> ' }}", "<|assistant|> <think>\n")
SWITCH = CHAT.replace(
    "{{ '<|assistant|> ' }}",
    "<|assistant|> {% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}",
)

SAME: dict[str, Change] = {
    "beams": decoding(num_beams=4, num_return_sequences=2),
    "guidance": decoding(guidance_scale=3.0),
    "a watermark": decoding(watermarking_config={"greenlist_ratio": 0.9, "bias": 50.0}),
    "contrastive search": decoding(penalty_alpha=0.6, top_k=4),
    "DoLa": decoding(dola_layers="low"),
    "prompt lookup": decoding(prompt_lookup_num_tokens=2),
    "a static cache": decoding(cache_implementation="static"),
    "a quantized cache": decoding(cache_implementation="quantized"),
    "a sliding cache": decoding(cache_implementation="sliding_window"),
    "settings that contradict each other": decoding(do_sample=False, temperature=0.1, top_p=0.2),
    "a length": decoding(max_length=2, min_length=1),
    "an end token beyond the vocabulary": decoding(eos_token_id=[1, 99999]),
    "a padding token beyond the vocabulary": decoding(pad_token_id=99999),
    "unknown settings": decoding(flubber=7),
    "a generation_config that is no JSON": write("generation_config.json", "{"),
    "no generation_config": lambda folder: (folder / "generation_config.json").unlink(),
    "tuples": config(return_dict=False),
    "more outputs": config(output_hidden_states=True, output_attentions=True),
    "no cache": config(use_cache=False),
    "no architectures": config(architectures=None),
    "a dtype of its own": config(dtype="float64"),
    "an old name for the dtype": config(torch_dtype="bfloat16"),
    "padding below nought": config(pad_token_id=-1),
    "no padding token": config(pad_token_id=None),
    "flash attention": config(_attn_implementation="flash_attention_2"),
    "an unknown quantization": config(quantization_config={"quant_method": "flubber"}),
    "two files": sharded("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
    "files with names of their own": sharded("first.safetensors", "second.safetensors"),
    "one file and a stale index": sharded("model-1.safetensors", keep=True),
    "names without a prefix": weights(lambda found: {name.removeprefix("model."): t for name, t in found.items()}),
    "weights in 64 bits": weights(lambda found: {name: t.double() for name, t in found.items()}),
    "weights beside those that are needed": weights(lambda found: found | {"model.flubber": torch.ones(3)}),
    "padding without an embedding": new_pad,
    "no mask by default": tokenizer(model_input_names=["input_ids"]),
    "token types": tokenizer(model_input_names=["input_ids", "token_type_ids", "attention_mask"]),
    "padding on the right": tokenizer(padding_side="right", truncation_side="left"),
    "a short model_max_length": tokenizer(model_max_length=2),
    "no padding in the tokenizer": tokenizer(pad_token=None),
    "named templates without default": templates(tool_use="nothing", chat=CHAT),
    "a template that needs a system turn": template(SYSTEM + CHAT.replace("messages %}", "messages[1:] %}")),
    "a template that takes parts": template(PARTS),
    "a template that needs tools": template("{% if tools | length > 3 %}{% endif %}" + CHAT),
    "a template that tells the date": template("{% set now = strftime_now('%Y') %}" + CHAT),
    "a template that offers to think": template(SWITCH),
}
"""What changes nothing in the answers."""

CONTINUES: dict[str, tuple[Change, str]] = {
    "a template with a mistake": (
        template("{% for m in messages %}{{ m }"),
        "The chat template of this model cannot be used",
    ),
    "a template that always complains": (template("{{ raise_exception('not today') }}"), "not today"),
    "a template that says nothing": (template("hello"), "what people say is not in its text"),
    "only a template for tools": (templates(tool_use=CHAT), "it has none"),
}
"""What leaves a model that continues texts, and the words in its note."""

REFUSED: dict[str, tuple[Change, str]] = {
    "an index without files": (
        lambda folder: (sharded("model-1.safetensors")(folder), write("model.safetensors.index.json", "{}")(folder)),
        "'weight_map' is missing",
    ),
    "a file outside of the folder": (
        lambda folder: (sharded("a.safetensors")(folder), (folder / "a.safetensors").rename(folder.parent / "a.safetensors"),
                        edit("model.safetensors.index.json", weight_map={"lm_head.weight": "../a.safetensors"})(folder)),
        "outside",
    ),
    "other names": (weights(lambda found: {f"my.{name}": t for name, t in found.items()}), "is incomplete"),
    "an unknown dtype": (config(dtype="flubber"), "could not be loaded"),
    "a tokenizer of an unknown class without a file": (
        lambda folder: (tokenizer(tokenizer_class="FlubberTokenizer")(folder), (folder / "tokenizer.json").unlink()),
        "The tokenizer of the model",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("usual") / "tiny")


@pytest.fixture
def folder(usual: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(usual, tmp_path / "tiny"))


def answers(model: LoadedModel) -> list[str]:
    """As a chat and as a text, beside a longer prompt."""
    found = []
    for chat in (None, False):
        for answer in generate(model, [SAID, f"{SAID} and {SAID}"], [Row()], Sampling(6, 0, 1.0, 1.0, chat=chat)):
            found.append(answer[0].text)
    return found


@pytest.fixture(scope="module")
def expected(usual: Path) -> list[str]:
    return answers(load_model(usual))


@pytest.mark.parametrize("oddity", SAME)
def test_it_makes_no_difference(oddity: str, folder: Path, expected: list[str]) -> None:
    SAME[oddity](folder)
    model = load_model(folder)
    assert model.has_chat_template
    assert answers(model) == expected


@pytest.mark.parametrize("oddity", CONTINUES)
def test_without_a_usable_template_it_continues_texts_and_says_so(
    oddity: str, folder: Path, expected: list[str]
) -> None:
    change, words = CONTINUES[oddity]
    change(folder)
    model = load_model(folder)
    assert not model.has_chat_template
    assert [note for note in model.notes if words in note]
    assert answers(model) == expected[2:] * 2


@pytest.mark.parametrize("oddity", REFUSED)
def test_it_is_refused_in_a_sentence(oddity: str, folder: Path) -> None:
    change, words = REFUSED[oddity]
    change(folder)
    with pytest.raises(LineasError, match=words) as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)


def test_thoughts_that_a_template_opens_are_closed(folder: Path) -> None:
    template(THINKS)(folder)
    model = load_model(folder)
    from lineas.models.chat import write_turns

    assert write_turns(model.tokenizer, [{"role": "user", "content": "hi"}]).endswith("<think>\n\n</think>\n\n")
