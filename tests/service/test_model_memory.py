"""The present model in memory while another one is loaded, with the real loader."""

import weakref

import pytest
import torch
from polling import wait_for
from tiny import make_model, save_model

import lineas.models.hardware
import lineas.models.load
from lineas.models.local import LocalModels
from lineas.service.model_slot import ModelSlot


class Slot(ModelSlot):
    """A slot that loads models of two folders, on a computer with a given free memory."""

    def __init__(self, folder, monkeypatch):
        super().__init__("cpu", None, lambda: None, LocalModels(folder / "models"))
        for name in ("first", "second"):
            save_model(folder / name)
        self.folder, self.seen_at_the_end = folder, []
        self.size = sum(parameter.nbytes for parameter in make_model("llama").network.parameters())
        self.free_models = 100.0  # in units of such a model, with no model in memory
        monkeypatch.setattr(lineas.models.hardware, "free_memory", lambda device: self.free())
        real = lineas.models.load.choose_linear_layers
        monkeypatch.setattr(
            lineas.models.load,
            "choose_linear_layers",
            lambda network: (self.seen_at_the_end.append(self._model), real(network)),
        )

    def free(self):
        return int(self.size * (self.free_models - (self._model is not None)))

    def load_and_wait(self, name):
        self.load(str(self.folder / name))
        wait_for(lambda: self.state.phase != "loading")
        self._last.join(30)


@pytest.fixture
def slot(tmp_path, monkeypatch):
    slot = Slot(tmp_path, monkeypatch)
    slot.load_and_wait("first")
    assert slot.state.phase == "ready", slot.state.sentence
    return slot


def test_a_model_that_fits_beside_the_present_one_replaces_it_at_the_end(slot):
    before = weakref.ref(slot.ready())
    slot.load_and_wait("second")
    assert slot.state.name.endswith("second")
    assert slot.seen_at_the_end[1] is not None
    slot.seen_at_the_end.clear()
    assert before() is None


def test_a_model_that_does_not_fit_beside_the_present_one_evicts_it(slot):
    slot.free_models = 1.5
    slot.load_and_wait("second")
    assert slot.state.name.endswith("second") and slot.state.phase == "ready"
    assert slot.seen_at_the_end == [None, None]


def cut_short(folder):
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:-10])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (cut_short, "damaged or cut short"),
        (lambda folder: (folder / "model.safetensors").unlink(), "holds no weights"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "tokenizer"),
        (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
    ],
)
def test_nothing_is_evicted_for_a_damaged_model(slot, spoil, words):
    slot.free_models = 1.5
    before = slot.ready()
    spoil(slot.folder / "second")
    slot.load_and_wait("second")
    assert slot.ready() is before
    assert words in slot.state.problem
    assert slot.seen_at_the_end == [None]


def test_nothing_is_evicted_for_a_model_that_would_not_fit_alone(slot):
    slot.free_models = 1.1  # a model needs 1.2 times its weights
    before = slot.ready()
    slot.load_and_wait("second")
    assert slot.ready() is before
    assert "GB of memory" in slot.state.problem and "Choose a smaller model" in slot.state.problem
    assert "dtype" not in slot.state.problem, "the page has no such setting"


def test_an_unreachable_hub_leaves_the_model_and_names_the_size_and_the_list(slot):
    before = slot.ready()
    slot.load("nobody/nothing-1.5B")
    wait_for(lambda: slot.state.phase != "loading")
    assert slot.ready() is before
    assert slot.state.problem.startswith("Could not load 'nobody/nothing-1.5B' (about 6.7 GB). Hugging Face cannot be")
    assert "on the list" in slot.state.problem and "'default'" not in slot.state.problem


def test_memory_on_other_devices_does_not_count(slot):
    assert slot._size_on(torch.device("cpu")) == slot.size
    assert slot._size_on(torch.device("cuda", 0)) == 0
    slot.adopt(slot.ready())
    assert slot._size_on(torch.device("cpu")) == 0, "whoever made an adopted model still holds it"
