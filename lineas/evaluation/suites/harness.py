"""Tasks of lm-evaluation-harness (Gao et al., the package ``lm-eval``) on the steered model, run by that library."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer

BATCH_SIZE = 16


def harness_tasks(
    model: LoadedModel,
    tasks: Sequence[str],
    steering: Steering | None = None,
    strength: float = 1.0,
    *,
    items: int | None = None,
    folder: str | Path | None = None,
) -> dict[str, dict[str, float]]:
    """Metrics of each task, such as {"arc_easy": {"acc": 0.61, "acc_norm": 0.58}}.

    Args:
        items: number of questions of each task; None: all.
        folder: folder with your own tasks, as .yaml files of the harness.

    Raises:
        LineasError: missing package, unknown task, or data that cannot be fetched.
    """
    try:
        from lm_eval import simple_evaluate
        from lm_eval.models.huggingface import HFLM
    except ImportError as error:
        raise LineasError(
            "Tasks of lm-evaluation-harness need the package lm-eval, which is not installed. Run: pip install lm-eval"
        ) from error
    manager = _task_manager(str(folder) if folder else None)
    if unknown := [name for name in tasks if name not in manager.all_tasks]:
        raise LineasError(
            f"lm-evaluation-harness has no task {unknown[0]!r}. 'lm-eval ls tasks' lists them; you can also give a folder with "
            "task files of your own."
        )
    # the hooks of ``steer`` act in this thread, in which the harness calls the network
    lm = HFLM(pretrained=model.network, tokenizer=model.tokenizer, batch_size=BATCH_SIZE, max_length=model.max_tokens)
    padding = model.tokenizer.padding_side
    try:
        with steer(model, steering, strength):
            found: dict[str, Any] | None = simple_evaluate(
                model=lm, tasks=list(tasks), task_manager=manager, limit=items, bootstrap_iters=0
            )
    except Exception as error:  # from data sets, the network, or the task's own code
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise LineasError(
            f"lm-evaluation-harness could not run {', '.join(tasks)} ({reason}). Most tasks fetch their data from Hugging Face: "
            "check the network."
        ) from error
    finally:
        model.tokenizer.padding_side = padding
    assert found is not None  # None only in the other processes of a distributed run
    return {task: _metrics(results) for task, results in found["results"].items()}


@lru_cache(maxsize=4)
def _task_manager(folder: str | None) -> Any:
    """The harness's index of tasks; building it takes seconds."""
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=folder)


def _metrics(results: dict[str, Any]) -> dict[str, float]:
    """A task's metrics without the harness's filter name ("acc,none") and without standard errors."""
    return {
        key.partition(",")[0] if key.endswith(",none") else key: float(value)
        for key, value in results.items()
        if isinstance(value, int | float) and "," in key and "_stderr" not in key
    }
