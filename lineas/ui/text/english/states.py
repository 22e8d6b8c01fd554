"""Sentences of the banner and beside the buttons: what is going on, and why a button is off."""

from lineas.ui.text.english.common import quoted, time_left

# why a button is off
WHY_STOPPING = "Stopping after this step. What it has learned is kept."
WHY_LOADING = "The model is still loading. You can already write."
WHY_NO_MODEL = "No model is loaded. Load one on the Model page."
WHY_MODEL_ERROR = "The model could not be loaded (see above)."
WHY_BROKEN = "The graphics card stopped answering. Restart the studio with the button above."
QUEUES = "“{name}” is being taught. What you teach now starts after it."
SHARING = "Answers are a little slower while it learns."

# what is going on
READY = "Ready."
READY_DETAIL = "Teach it something, or try a ready-made concept on the Compare page."
NO_MODEL = "No model is loaded."
LOADING = "Loading the model …"
STOPPING = "Stopping after this step …"
# with names and numbers filled in
QUEUED = "“{name}” is waiting for its turn."
DONE = "“{name}” is ready. Try it on the Compare page."
CANCELLED = "“{name}” was stopped at step {step}. Continue it, or change the sentences and teach it again."
FAILED = "“{name}” could not be taught."
INTERRUPTED = "The studio closed while it was learning “{name}” (step {step}). You can continue from there."


def step_of(step: int, of: int, eta_seconds: float | None) -> str:
    left = time_left(eta_seconds)
    return f"step {step} of {of}" + (f", {left}" if left else "")


def teaching(name: str, progress: str = "") -> str:
    return f"Teaching {quoted(name)}: {progress}" if progress else f"Teaching {quoted(name)}."


def in_queue(number: int) -> str:
    return f"{number} more in the queue" if number > 0 else ""


def closer(start: float, now: float) -> str:
    """How far the distance has fallen since the start."""
    if start <= 0:
        return ""
    percent = round(100 * (start - now) / start)
    if percent <= 0:
        return f"Distance {now:.3g}; it was {start:.3g} at the start."
    return f"Distance {now:.3g}, from {start:.3g} at the start: {percent}% closer."
