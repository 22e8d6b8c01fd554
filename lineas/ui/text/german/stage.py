"""Words of the stage view, the tour, and the banner's button."""

STAGE = "Bühne"
STAGE_LEAVE = "Die Bühne verlassen (Esc)"

TOUR_LABEL = "Eine kurze Führung"
TOUR_NEXT, TOUR_SKIP, TOUR_END = "Weiter", "Führung überspringen", "Alles klar"
TOUR = [
    (
        "Sieh es dir zuerst an",
        "Dieselbe Frage wird zweimal beantwortet: vom Modell, wie es ist, und vom Modell mit einem mitgelieferten Konzept. Es geht "
        "los, sobald das Modell geladen ist.",
    ),
    (
        "Dreh es auf",
        "Die Stärke sagt, wie viel du vom Konzept hörst. Sie bewegt sich jetzt von selbst, und die Frage wird noch einmal "
        "gestellt. Später ziehst du selbst daran.",
    ),
    (
        "Nimm ein anderes",
        "Ein Dutzend Konzepte ist schon dabei. Was du selbst beibringst, steht auch in dieser Liste.",
    ),
    (
        "Jetzt dein eigenes",
        "Sag, wie es reden soll, und drück auf „Schreib mir Beispiele“; oder füg deine eigenen Sätze in die beiden Felder ein. "
        "Dann drück auf Beibringen. Es läuft im Hintergrund, auch wenn du die Seite schließt.",
    ),
]
"""Title and text of each step (``components.stage.TOUR``)."""

ACT_STOP, ACT_TRY, ACT_RESUME, ACT_RESTART = "Lernen anhalten", "Ausprobieren", "Weiterlernen", "Studio neu starten"
RESTARTING = "Es startet neu … Diese Seite kommt von selbst wieder."
