"""Data sets from folders and from a fake hub, in every usual form, and errors that say why one cannot be read."""

import time
from pathlib import Path
from typing import Any

import pytest

from lineas.data import MAX_SENTENCES, list_columns, list_labels, read_dataset
from lineas.errors import LineasError


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small data set, with a class label, in each form that ``datasets`` writes."""
    datasets = pytest.importorskip("datasets")
    folder = tmp_path_factory.mktemp("reviews")
    features = datasets.Features(
        {
            "id": datasets.Value("int64"),
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["bad", "good"]),
        }
    )
    rows = {"id": [1, 2, 3, 4], "text": ["It was dull.", "I loved it.", None, "What a film!"], "label": [0, 1, 1, 1]}
    data = datasets.Dataset.from_dict(rows, features=features)
    data.save_to_disk(folder / "one")
    datasets.DatasetDict({"train": data, "test": data.select([0])}).save_to_disk(folder / "two")
    data.to_parquet(folder / "a.parquet")
    (folder / "loose").mkdir()
    data.to_csv(folder / "loose" / "train.csv")
    data.to_json(folder / "a.jsonl")
    return folder


@pytest.mark.parametrize("form", ["one", "two", "a.parquet", "loose", "a.jsonl"])
def test_local_data_sets_in_every_form(reviews: Path, form: str) -> None:
    name = str(reviews / form)
    assert list_columns(name) == ["id", "text", "label"]
    assert read_dataset(name) == ["It was dull.", "I loved it.", "What a film!"]
    assert read_dataset(name, limit=2) == ["It was dull.", "I loved it."]
    assert read_dataset(name, column="text", label_column="label", label=1) == ["I loved it.", "What a film!"]
    assert read_dataset(name, label="0") == ["It was dull."]


@pytest.mark.parametrize("form", ["one", "two", "a.parquet"])
def test_class_labels_go_by_name(reviews: Path, form: str) -> None:
    name = str(reviews / form)
    assert list_labels(name, "label") == ["bad", "good"]
    assert read_dataset(name, label="good", limit=1) == ["I loved it."]


def test_a_split_can_be_chosen(reviews: Path) -> None:
    assert read_dataset(str(reviews / "two"), split="test") == ["It was dull."]


@pytest.mark.parametrize(
    ("form", "options", "message"),
    [
        ("two", {"split": "dev"}, "no split “dev”. It has: “train” and “test”"),
        ("a.parquet", {"column": "story"}, "no column “story”. Its columns are: “id”, “text” and “label”"),
        (
            "a.parquet",
            {"label_column": "mood", "label": 1},
            "no column “mood”. Its columns are: “id”, “text” and “label”",
        ),
        ("a.parquet", {"label_column": "label"}, "Choose which label of “label” to take. It has: “bad” and “good”"),
        ("a.parquet", {"label": "great"}, "no sentence with “great” in “label”. It has: “bad” and “good”"),
        ("a.parquet", {"limit": 0}, "must be between 1 and 5,000, not 0"),
        ("a.jsonl", {"label": "good"}, "no sentence with “good” in “label”. It has: “0” and “1”"),
        ("gone.csv", {}, "There is no file or folder"),
        ("", {}, "cannot be read as a data set"),
    ],
)
def test_a_request_that_cannot_be_met_lists_what_there_is(
    reviews: Path, form: str, options: dict[str, Any], message: str
) -> None:
    folder = reviews / "empty" if not form else reviews / form
    if not form:
        folder.mkdir(exist_ok=True)
    with pytest.raises(LineasError, match=message):
        read_dataset(str(folder), **options)


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(LineasError, match=r"“a\.parquet” cannot be read as a data set"):
        read_dataset(str(tmp_path / "a.parquet"))


@pytest.mark.parametrize("name", ["", "   ", "x" * 100_000])
def test_a_blank_or_endless_name_is_refused(name: str) -> None:
    with pytest.raises(LineasError, match="Give the name of a data set"):
        read_dataset(name)


@pytest.mark.parametrize("name", ["no such name!", "<img onerror=x>", "a/b/c/d", "${x}{{y}}", "x" * 900])
def test_a_name_that_cannot_be_on_the_hub_is_refused(name: str) -> None:
    pytest.importorskip("datasets")
    with pytest.raises(LineasError, match="no open data set called") as caught:
        read_dataset(name)
    assert len(str(caught.value)) < 400


def test_a_hub_out_of_reach_says_so_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets")
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    started = time.perf_counter()
    with pytest.raises(
        LineasError, match="“someone/reviews” cannot be fetched: the Hugging Face hub cannot be reached"
    ):
        read_dataset("someone/reviews")
    assert time.perf_counter() - started < 10


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A fake hub with one data set, “someone/reviews”, in two configurations."""
    datasets = pytest.importorskip("datasets")
    import huggingface_hub

    def rows(rude: bool) -> Any:
        yield from ({"text": f"Review {number}{'!' if rude else '.'}"} for number in range(10**9))

    def load(name: str, config: str | None, *, streaming: bool) -> Any:
        if config is None:
            raise ValueError("Config name is missing.\nPlease pick one among the available configs: …")
        stream = datasets.IterableDataset.from_generator(rows, gen_kwargs={"rude": config == "rude"})
        return datasets.IterableDatasetDict({"train": stream})

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", lambda self, name, timeout: None)
    monkeypatch.setattr(datasets, "load_dataset", load)
    monkeypatch.setattr(datasets, "get_dataset_config_names", lambda name: ["polite", "rude"])
    return datasets


@pytest.mark.usefixtures("hub")
def test_a_hub_data_set_is_streamed_only_as_far_as_needed() -> None:
    assert read_dataset("someone/reviews:rude", limit=2) == ["Review 0!", "Review 1!"]
    assert list_columns("someone/reviews:polite") == ["text"]
    with pytest.raises(LineasError, match=f"at most {MAX_SENTENCES:,} different sentences"):
        read_dataset("someone/reviews:polite")


@pytest.mark.usefixtures("hub")
def test_a_hub_data_set_in_several_parts_lists_them() -> None:
    with pytest.raises(
        LineasError, match=r"several parts: “polite” and “rude”\. Add one, as in “someone/reviews:polite”"
    ):
        read_dataset("someone/reviews")


def test_a_connection_lost_while_reading_gives_one_sentence(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        yield {"text": "Fine."}
        raise ConnectionError("connection reset\nlong traceback")

    monkeypatch.setattr(
        hub,
        "load_dataset",
        lambda *_, **__: hub.IterableDatasetDict({"train": hub.IterableDataset.from_generator(broken)}),
    )
    with pytest.raises(
        LineasError, match=r"“someone/reviews” cannot be read as a data set: connection reset\. Choose"
    ):
        read_dataset("someone/reviews")
