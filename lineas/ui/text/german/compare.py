"""Words of the page Compare."""

from lineas.ui.text.german.common import field, number

COMPARE_TITLE = "Zwei Antworten im Vergleich"
COMPARE_LEAD = "Frag einmal und sieh zwei Antworten: vorher und nachher."
STRENGTH_BUTTONS = [("Aus", 0.0), ("Sanft", 0.5), ("Wie gelernt", 1.0), ("Stark", 1.5)]
PROMPT, PROMPT_HINT = (
    "Deine Frage",
    "Frag irgendetwas (das eingebaute Modell kann nur Englisch) …",
)
PROMPTS = ["Tell me about your day.", "What should I cook tonight?", "Describe a walk by the sea."]
EMPTY_PROMPT = "Schreib zuerst eine Frage, dann drück auf Vergleichen."
COMPARE_BUTTON, STOP_BUTTON, AGAIN_BUTTON = "Vergleichen", "Stopp", "Noch einmal"
LOCK, LIVE, TINTED = "Zufall festhalten", "Beim Schieben gleich antworten", "Wörter einfärben"
CONVERSATION, FAMILY_SAFE = "Gespräch", "Jugendfrei"
CONTINUE_BUTTON, NEW_CONVERSATION, BRING_BACK = "Weiter", "Neues Gespräch", "Zurückholen"
EDIT = "Ändern"
EDITING = "Du änderst Frage {number}. Die Antworten danach kommen neu. Drück noch einmal auf Ändern, dann bleibt alles, wie es war."
CUT_OFF = "abgeschnitten"
STOPPED = "Hier hört die Antwort auf. Drück auf Weiter, dann geht sie weiter."
LESS_LIKELY, AS_LIKELY, MORE_LIKELY = "seltener", "gleich oft", "mit dem Konzept häufiger"
TINTS_NONE = "Wähl ein Konzept, dann siehst du, welche Wörter es häufiger macht."
FAMILY_HIDDEN = "Diese Antwort ist ausgeblendet: Sie enthält ein Wort, das nicht jugendfrei ist."
FAMILY_REROLLED = "Eine Antwort war nicht jugendfrei. Sie ist ausgeblendet, und das hier ist eine andere."
FAMILY_GAVE_UP = (
    "Drei Antworten hintereinander waren nicht jugendfrei, deshalb siehst du keine. Frag etwas anderes, "
    "oder nimm weniger Stärke."
)
INSTRUCT = "Auch einfach darum bitten"
INSTRUCTION, INSTRUCTION_INFO = (
    "Derselbe Wunsch als Anweisung",
    "„Sagen“ und „Beides“ schreiben sie in den Systemprompt. Die dritte Spalte zeigt, was sie ohne das Konzept bewirkt.",
)
SAY_SHOW = field(
    "Wie das Modell das Konzept bekommt",
    "Zeigen steuert es, Sagen bittet nur darum, Beides tut beides.",
)
SAY_SHOWS = [("Zeigen", "show"), ("Sagen", "say"), ("Beides", "both")]
SAY_NOTHING = "Schreib die Anweisung, die das Modell lesen soll, oder wähl Zeigen."
STRENGTH_UNUSED = "spielt bei Sagen keine Rolle"
SEED = field("Startzahl (Seed)", "Dieselbe Zahl ergibt wieder dieselben Antworten")
LENGTH = field("Länge", "So viele Token hat eine Antwort höchstens (ein Token ist etwa ¾ eines Wortes)")
VARIETY = field("Vielfalt", "0 = immer das wahrscheinlichste Wort")
MODE, MODES = "Das Modell soll", [("mir antworten", "chat"), ("meinen Text fortsetzen", "plain")]
SYSTEM = field("Systemprompt", "Anweisungen für beide Antworten")
WITH_NAME = "Mit „{name}“"
ORIGINAL, STEERED, INSTRUCTED = "Original", "Mit Konzept", "Nur mit der Anweisung"
ORIGINAL_EMPTY = "Was das Modell von sich aus sagt."
STEERED_EMPTY = "Was es mit deinem Konzept sagt."
STEERED_NO_CONCEPT = "Bring ihm ein Konzept bei, oder wähl eines: Seine Antwort steht dann hier."
INSTRUCTED_EMPTY = "Die Antwort, wenn man einfach um den Stil bittet."
HEALTH_NONE = "Noch nicht geprüft."
HEALTH_USE = "Übernehmen"
HEALTH_DETAILS = "Das ganze Prüfergebnis"

# taking a comparison away
KEEP = "Diesen Vergleich behalten"
SAVE_MARKDOWN, SAVE_JSON = "Als Text speichern (.md)", "Als Daten speichern (.json)"
SAVE_SVG, SAVE_PNG = "Als Bild speichern (.svg)", "Als Bild speichern (.png)"
CARD_FOOT = "LinEAS Studio · {model}"
SAVE_NOTHING = "Es gibt noch nichts zu speichern. Drück zuerst auf Vergleichen."
SHARE_BUTTON = "Link dazu kopieren"
LINK_NO_CONCEPT = (
    "In dem Link geht es um das Konzept „{name}“, das auf diesem Computer fehlt. Bitte die Person, die ihn geschickt hat, um die "
    ".lineas-Datei des Konzepts, und füg sie unter „Meine Konzepte“ hinzu."
)
CODE = "Dasselbe als Code"
CODE_LEAD = "Jedes davon gibt dieselben zwei Antworten wie Vergleichen, mit den Einstellungen von oben."
CODE_KINDS = [("Python", "python"), ("Kommandozeile", "shell"), ("curl", "curl")]
CODE_NO_CONCEPT = "Wähl zuerst ein Konzept."
CODE_COPY = "Code kopieren"
FILE_TITLE = "Vergleich"
FILE_QUESTION, FILE_CONCEPT, FILE_STRENGTH, FILE_SYSTEM = "Frage", "Konzept", "Stärke", "Systemprompt"
FILE_MODEL, FILE_SEED, FILE_LENGTH, FILE_VARIETY, FILE_MODE = "Modell", "Startzahl", "Länge", "Vielfalt", "Art"
FILE_SAY_SHOW = "So bekam es das Konzept"
FILE_SAY_SHOWS = {"show": "", "say": "nur als Anweisung", "both": "als Anweisung und durch Steuern"}
FILE_MODES = {True: "antwortet wie im Chat", False: "setzt den Text fort"}
FILE_WHEN = "Erstellt"
# with names and numbers filled in
DEFAULT_INSTRUCTION = "Write in this style: {name}."


def with_concept(mode: str, name: str, strength: float) -> str:
    """The heading of a steered answer; ``mode`` as ``SAY_SHOWS`` has it."""
    if mode == "say":
        return f"Mit „{name}“ als Anweisung"
    return f"Mit „{name}“ bei {number(strength)}" + (" und als Anweisung" if mode == "both" else "")


def recommended_at(strength: float, both: bool) -> str:
    return f"Wirkt am besten {'mit „Beides“ ' if both else ''}bei {number(strength)}"


def per_second(speed: float) -> str:
    return f"{number(speed, '.0f' if speed >= 10 else '.1f')} pro Sekunde"


def likelier(ratio: float) -> str:
    """How much likelier a word is, from the logarithm of the ratio."""
    times = min(2.718281828 ** abs(ratio), 999)
    return f"Mit dem Konzept {number(times, '.1f')}-mal so {'häufig' if ratio > 0 else 'selten'}"
