"""Words of the stage view, the tour, and the banner's button."""

STAGE = "Stage view"
STAGE_LEAVE = "Leave the stage view (Esc)"

TOUR = "A short tour"
TOUR_NEXT, TOUR_SKIP, TOUR_END = "Next", "Skip the tour", "Got it"
TOUR_STEPS = [
    ("#presets", "Start from an example", "Press one, such as Pirate. It fills the two boxes below."),
    (
        "#examples",
        "Two lists of sentences",
        "On the left, how the model talks now. On the right, how you want it to talk. Replace them with your own at any "
        "time; 32 sentences in each list are plenty.",
    ),
    (
        "#train-button",
        "Teach",
        "This takes under half a minute on most computers and runs in the background. Watch the distance fall, and see how the "
        "answers change.",
    ),
    (
        "#pages [role=tab]:nth-of-type(2)",
        "Compare",
        "Ask something and drag the strength: the plain model on the left, yours on the right. Ready-made concepts work at once.",
    ),
    ("#banner", "What is going on", "Progress is shown here. You can close the page at any time; nothing is lost."),
]
"""(CSS selector of what a step points at, title, text)."""

ACT_STOP, ACT_TRY, ACT_RESUME, ACT_RESTART = "Stop teaching", "Try it", "Continue", "Restart the studio"
RESTARTING = "Restarting … This page comes back by itself."
