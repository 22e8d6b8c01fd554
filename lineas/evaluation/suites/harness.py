"""Any task of lm-evaluation-harness (Gao et al., the package ``lm-eval``) on the steered model, by that library itself."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.steering.hooks import steer

BATCH = 16


def harness_tasks(
    model: LoadedModel,
    tasks: Sequence[str],
    steering: Steering | None = None,
    strength: float = 1.0,
    *,
    items: int | None = None,
    folder: str | Path | None = None,
) -> dict[str, dict[str, float]]:
    """Each task's metrics, such as {"arc_easy": {"acc": 0.61, "acc_norm": 0.58}}.

    Args:
        items: so many questions of each task; None: all.
        folder: with tasks of your own, as .yaml files of the harness.

    Raises:
        LineasError: where the package is missing, a task is unknown, or its data cannot be fetched.
    """
    try:
        from lm_eval import simple_evaluate
        from lm_eval.models.huggingface import HFLM
    except ImportError as error:
        raise LineasError(
            "Tasks of lm-evaluation-harness need the package lm-eval, which is not installed. Run: pip install lm-eval"
        ) from error
    manager = _known_tasks(str(folder) if folder else None)
    if unknown := [name for name in tasks if name not in manager.all_tasks]:
        raise LineasError(
            f"lm-evaluation-harness has no task {unknown[0]!r}. 'lm-eval ls tasks' lists them; a folder with task files of "
            "your own can be given as well."
        )
    # thread-scoped hooks reach it: the harness calls the network in this thread
    steerable = HFLM(
        pretrained=model.network, tokenizer=model.tokenizer, batch_size=BATCH, max_length=model.max_tokens
    )
    padding = model.tokenizer.padding_side
    try:
        with steer(model, steering, strength):
            found: dict[str, Any] | None = simple_evaluate(
                model=steerable, tasks=list(tasks), task_manager=manager, limit=items, bootstrap_iters=0
            )
    except Exception as error:  # of data sets, of the network, of a task's own code
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise LineasError(
            f"lm-evaluation-harness could not run {', '.join(tasks)} ({reason}). Most tasks fetch their data from Hugging Face: "
            "check the network."
        ) from error
    finally:
        model.tokenizer.padding_side = padding
    assert found is not None  # it is None in the helpers of a distributed run only
    return {task: _numbers(metrics) for task, metrics in found["results"].items()}


@lru_cache(maxsize=4)
def _known_tasks(folder: str | None) -> Any:
    """The harness's index of tasks, which takes seconds to make."""
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=folder)


def _numbers(metrics: dict[str, Any]) -> dict[str, float]:
    """Metrics without the harness's name of their filter ("acc,none") and without standard errors."""
    return {
        key.partition(",")[0] if key.endswith(",none") else key: float(value)
        for key, value in metrics.items()
        if isinstance(value, int | float) and "," in key and "_stderr" not in key
    }
