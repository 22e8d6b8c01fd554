"""What every test may ask for: tiny random models, the real default model, and a home folder of its own."""

import gc
import os
from pathlib import Path

import hypothesis
import pytest

# before anything of Hugging Face is imported: no test may look for a hub
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
if "PYTEST_XDIST_WORKER" in os.environ:  # processes side by side would fight over the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from tiny import FAMILIES, make_model

from lineas.models.load import load_model
from lineas.models.loaded import LoadedModel

hypothesis.settings.register_profile("lineas", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("lineas")


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist hand out files in our order; by itself it keeps those with few tests, often slow ones, for the end."""
    config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)  # pytest's own order, by parameters of fixtures, mixes the files
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that need a browser or the default model, so that processes side by side end at the same time."""
    slow = {
        item.path for item in items if item.get_closest_marker("browser") or item.get_closest_marker("default_model")
    }
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="module", autouse=True)
def _quick_gc() -> None:
    """Keeps what was imported out of garbage collection, which each training and each model that leaves starts."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", params=FAMILIES)
def any_model(request: pytest.FixtureRequest) -> LoadedModel:
    """A tiny random model, once for each family."""
    return make_model(request.param)


@pytest.fixture(scope="session")
def tiny_model() -> LoadedModel:
    """A tiny random Llama."""
    return make_model("llama")


@pytest.fixture
def lineas_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder for runs and maps; the fetched default model stays where the session keeps it."""
    monkeypatch.setenv("LINEAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def default_model() -> LoadedModel:
    """The real default model, from the user's own LINEAS_HOME (fetched there if need be)."""
    return load_model("default")
