"""Words of the stage, the tour, and the buttons of the banner."""

STAGE = "Stage view"
STAGE_LEAVE = "Leave the stage view (Esc)"

# the tour
TOUR = "A short tour"
TOUR_NEXT, TOUR_SKIP, TOUR_END = "Next", "Skip the tour", "Got it"
TOUR_STEPS = [
    ("#presets", "Start from an example", "Press one, say Pirate: it fills the two boxes below."),
    (
        "#examples",
        "Two lists of sentences",
        "Left how the model talks now, right how you want it to talk. Replace them with your own at any time; "
        "32 a side are plenty.",
    ),
    (
        "#train-button",
        "Teach",
        "Under half a minute on most computers, in the background. Watch the distance fall, and read what the model says "
        "meanwhile.",
    ),
    (
        "#pages [role=tab]:nth-of-type(2)",
        "Compare",
        "Ask something, and drag the strength: the plain model left, yours right. Ready-made concepts work at once.",
    ),
    (
        "#banner",
        "What is going on",
        "This line always tells. You can close the page meanwhile; nothing is lost.",
    ),
]

# what can be done from the banner
ACT_STOP, ACT_TRY, ACT_RESUME, ACT_RESTART = "Stop teaching", "Try it", "Continue", "Restart the studio"
RESTARTING = "Restarting … this page comes back by itself."
