"""Words of the stage view, the tour, and the banner's button."""

STAGE = "Stage view"
STAGE_LEAVE = "Leave the stage view (Esc)"

TOUR_LABEL = "A short tour"
TOUR_NEXT, TOUR_SKIP, TOUR_END = "Next", "Skip the tour", "Got it"
TOUR = [
    (
        "See it first",
        "The same question is answered twice: by the model as it is, and by the model with a ready-made concept. It begins as "
        "soon as the model is loaded.",
    ),
    (
        "Turn it up",
        "Strength says how much of the concept you hear. It moves by itself now, and the question is asked again. "
        "Later, drag it yourself.",
    ),
    ("Choose another one", "A dozen concepts are ready-made. Those that you teach are in this list, too."),
    (
        "Now teach your own",
        "Say how it should talk, and press “Write examples for me”; or paste your own sentences into the two boxes. Then press "
        "Teach. It goes on in the background, also when you close the page.",
    ),
]
"""Title and text of each step (``components.stage.TOUR``)."""

ACT_STOP, ACT_TRY, ACT_RESUME, ACT_RESTART = "Stop teaching", "Try it", "Continue", "Restart the studio"
RESTARTING = "Restarting … This page comes back by itself."
