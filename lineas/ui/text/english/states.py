"""What is going on, in the banner and beside the buttons."""

from lineas.ui.text.english.common import quoted, time_left

# why a button is off
WHY_CANCEL = "Cancel works while something is being taught."
WHY_STOPPING = "It ends after the step it is making; what it has learned is kept."
WHY_STOP = "Stop works while it answers."
WHY_STREAMING = "Answering … Stop ends it now."
WHY_LOADING = "The model is still loading. You can write meanwhile."
WHY_NO_MODEL = "No model is loaded, so nothing can be taught or answered."
WHY_MODEL_ERROR = "The model could not be loaded (see above)."
WHY_BROKEN = "The graphics card stopped answering: restart the studio (button above)."
QUEUES = "Something is being taught already. Yours will wait its turn."
SHARING = "The model is learning at the same time, so answers come a little slower."

# states
READY = "Ready."
READY_DETAIL = "Teach it something, or try a ready-made concept on the Compare page."
NO_MODEL = "No model is loaded."
LOADING = "Loading the model …"
STOPPING = "Stopping after this step …"


def step_of(step: int, of: int, eta_seconds: float | None) -> str:
    left = time_left(eta_seconds)
    return f"step {step} of {of}" + (f", {left}" if left else "")


def teaching(name: str, progress: str = "") -> str:
    return f"Teaching {quoted(name)}: {progress}" if progress else f"Teaching {quoted(name)}."


def queued(name: str) -> str:
    return f"{quoted(name)} waits for its turn."


def in_queue(number: int) -> str:
    return f"{number} more in the queue" if number > 0 else ""


def done(name: str) -> str:
    return f"{quoted(name)} is ready. Try it on the Compare page."


def cancelled(name: str, step: int) -> str:
    return f"{quoted(name)} was stopped at step {step}. Continue it, or change the sentences and teach again."


def failed(name: str) -> str:
    return f"{quoted(name)} could not be taught."


def interrupted(name: str, step: int) -> str:
    return f"The studio closed while it was learning {quoted(name)} (step {step}). You can continue from there."


def closer(start: float, now: float) -> str:
    """How much of the distance is gone."""
    if start <= 0:
        return ""
    percent = round(100 * (start - now) / start)
    if percent <= 0:
        return f"Distance {now:.3g}; it was {start:.3g} at the start."
    return f"Distance {now:.3g}, from {start:.3g} at the start: {percent} % closer."
