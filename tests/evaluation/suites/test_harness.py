"""lm-evaluation-harness on the steered model, offline with a task of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from judging import moved

from lineas.errors import LineasError
from lineas.evaluation.suites import harness
from lineas.evaluation.suites.harness import harness_tasks
from lineas.evaluation.suites.truthfulqa import log_likelihoods
from lineas.methods.prompting import Instruction
from lineas.models.progress import finish

ROWS = [
    {"context": "the day was", "choices": ["good .", "bad ."], "answer": 0},
    {"context": "my ship is", "choices": ["grey and bad", "always fine !"], "answer": 1},
    {"context": "we like the", "choices": ["sea .", "rain ."], "answer": 0},
    {"context": "the evening is", "choices": ["slowly", "happily"], "answer": 1},
]


TASK = """\
task: {name}
dataset_path: json
dataset_kwargs:
  data_files:
    test: {data}
output_type: multiple_choice
test_split: test
doc_to_text: "{{{{context}}}}"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: "{{{{answer}}}}"
metric_list:
  - metric: acc
    aggregation: mean
    higher_is_better: true
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a task, and a task whose data is missing; shared, because the harness takes seconds to read a folder."""
    pytest.importorskip("lm_eval")
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    for name, data in (("tiny_choices", "rows.jsonl"), ("lost_choices", "lost.jsonl")):
        (folder / f"{name}.yaml").write_text(TASK.format(name=name, data=folder / data), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_DATASETS_CACHE", str(folder / "cache"))
        yield folder


def ours(model, steering=None, strength=1.0) -> float:
    right = []
    for row in ROWS:
        logs = finish(
            log_likelihoods(model, [row["context"]] * 2, [f" {text}" for text in row["choices"]], steering, strength)
        )
        right.append(int(logs.argmax()) == row["answer"])
    return sum(right) / len(right)


def test_a_local_task_sees_the_steered_model(tiny_model, tasks: Path) -> None:
    found = {}
    for seed in range(8):
        steering = moved(tiny_model, 1.0)
        generator = torch.Generator().manual_seed(seed)
        shift = {site: 2 * torch.randn(len(b), generator=generator) for site, b in steering.shift.items()}
        steering = type(steering)(steering.scale, shift)
        result = harness_tasks(tiny_model, ["tiny_choices"], steering, 0.8, folder=tasks)
        assert result["tiny_choices"]["acc"] == ours(tiny_model, steering, 0.8)
        found[seed] = result["tiny_choices"]["acc"]
        if len(set(found.values())) > 1:
            break
    assert len(set(found.values())) > 1, "steering changes its answers"
    assert harness_tasks(tiny_model, ["tiny_choices"], folder=tasks)["tiny_choices"] == {"acc": ours(tiny_model)}
    assert not any(module._forward_hooks for module in tiny_model.network.modules())


def test_an_instruction_stands_before_each_question(tiny_model, tasks: Path) -> None:
    instruction = Instruction({}, {"instruction": "the sea is bad and the rain"})
    found = harness_tasks(tiny_model, ["tiny_choices"], instruction, folder=tasks, items=4)
    assert found["tiny_choices"]["acc"] == ours(tiny_model, instruction)


def test_an_unknown_task_is_an_error_that_names_it(tiny_model, tasks: Path) -> None:
    with pytest.raises(LineasError, match="has no task 'no_such_task'"):
        harness_tasks(tiny_model, ["no_such_task"], folder=tasks)


def test_missing_data_of_a_task_is_an_error(tiny_model, tasks: Path) -> None:
    with pytest.raises(LineasError, match=r"could not run lost_choices .*check the network"):
        harness_tasks(tiny_model, ["lost_choices"], folder=tasks)


def test_without_the_package_the_error_says_what_to_install(tiny_model, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "lm_eval":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(LineasError, match=r"need the package lm-eval.*pip install lm-eval"):
        harness.harness_tasks(tiny_model, ["arc_easy"])
