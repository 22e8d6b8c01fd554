"""Two processes give the map of one, whatever share of a step each of them has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny import make_model
from two_ranks import ANCHORED, CASES, begin, trained, with_two_heads

from lineas.models.loaded import LoadedModel
from lineas.steering.map import SteeringMap
from lineas.training.distributed import Ranks

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "tests" / "helpers"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that tests/helpers/two_ranks.py filled."""
    folder = tmp_path_factory.mktemp("ranks")
    model = make_model("llama")
    with_two_heads().network.save_pretrained(folder / "model")
    begin(model, ANCHORED, folder / "began alone")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    paths = os.pathsep.join(map(str, (ROOT, HELPERS)))
    done = subprocess.run(
        [*command, str(HELPERS / "two_ranks.py"), str(folder)],
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-6000:]
    return folder


def difference(one: SteeringMap, other: SteeringMap) -> float:
    """The largest difference of any ω or b."""
    pairs = [(one.scale[s], other.scale[s]) for s in one.sites] + [(one.shift[s], other.shift[s]) for s in one.sites]
    return max(float((a - b).abs().max()) for a, b in pairs)


def model_of(case: str) -> LoadedModel:
    return with_two_heads() if case == "tensor parallel" else make_model("llama")


def maps(results: Path, case: str) -> list[SteeringMap]:
    return [SteeringMap.load(results / f"{case}.{rank}.safetensors") for rank in range(2)]


@pytest.mark.parametrize("case", [case for case in CASES if case != "began on two"])
def test_two_processes_learn_the_map_of_one(results: Path, case: str) -> None:
    first, second = maps(results, case)
    assert difference(first, second) == 0
    alone = trained(model_of(case), CASES[case])
    assert difference(first, alone) < 1e-5
    moved = difference(alone, SteeringMap.identity(alone.widths))
    assert moved > 1e-3, "nothing was learned"


def test_one_process_goes_on_where_two_left_off(results: Path) -> None:
    model = make_model("llama")
    went_on = trained(model, ANCHORED, resume_from=results / "began.0")
    assert difference(went_on, trained(model, ANCHORED)) < 1e-5


def test_a_network_spread_over_processes_keeps_its_fingerprint(results: Path) -> None:
    for case in ("sharded", "tensor parallel"):
        fingerprints = [steering_map.metadata["base_model_fingerprint"] for steering_map in maps(results, case)]
        assert fingerprints == [model_of(case).fingerprint] * 2


def test_processes_of_one_tensor_parallel_network_cannot_read_different_sentences(results: Path) -> None:
    for rank in range(2):
        assert "tensor parallelism" in (results / f"refused.{rank}").read_text(encoding="utf-8")


def test_shares_are_disjoint_whole_and_alike_in_length() -> None:
    rows = [torch.zeros(length) for length in (9, 1, 7, 5, 3, 8, 2, 6, 4)]
    shares = [Ranks(None, rank, 4).share(rows) for rank in range(4)]
    assert sorted(i for share in shares for i in share) == list(range(9))
    tokens = [sum(len(rows[i]) for i in share) for share in shares]
    assert max(tokens) - min(tokens) <= 4
    # a rank that has one source sentence more has one target sentence fewer
    backwards = [Ranks(None, rank, 4).share(rows, backwards=True) for rank in range(4)]
    assert {len(a) + len(b) for a, b in zip(shares, backwards, strict=True)} <= {4, 5}
