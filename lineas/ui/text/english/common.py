"""Words of the whole studio, and of what several pages share."""

APP = "LinEAS Studio"
TAGLINE = "Show a language model how to talk. It learns from your examples."
SWITCH_THEME = "Switch between light and dark"
NEW_ADDRESS = "LinEAS Studio is at {url}   (Ctrl+C ends it)"
MCP_ADDRESS = "Language models use it as a tool at {url}"
STARTING = "Starting LinEAS Studio …"
# pages
TEACH, COMPARE = "Teach", "Compare"

CONCEPT = "Concept"
STRENGTH = "Strength"
DEFAULT_MODEL = "SmolLM2-135M-Instruct"
CONCEPT_KINDS = {"preset": "ready-made", "run": "yours", "imported": "added", "mixed": "mixed"}
DISTANCE = "Distance to the concept"
MORE = "More settings"

# trouble
EMPTY_PROMPT = "Write a question first, then press Compare."
NEEDS_AUTH = (
    "Other people could reach the studio at {where}, so it needs a sign-in: add --auth NAME:PASSWORD, "
    "or leave {flag} out to keep it on this computer."
)
NO_MCP = (
    "--mcp needs a package that is not installed. Install it with: pip install 'gradio[mcp]'. Then start the studio again, "
    "or leave --mcp out."
)
BAD_AUTH = (
    "--auth wants a name and a password with a colon between them, like --auth anna:secret. This has not: {auth!r}."
)
BAD_PORT = "A port is a number from 1 to 65535, not {port}."
PORT_BUSY = "Port {port} is in use by another program (perhaps the studio is already open). Start it with --port {other} instead."
PORT_REFUSED = "This computer does not let the studio use {host} port {port}: {reason}. Try --port {other}."


def quoted(name: str) -> str:
    return f"“{name}”"


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def tokens(number: int) -> str:
    return count(number, "token", "tokens")


def concept(name: str, kind: str) -> str:
    return f"{name} · {CONCEPT_KINDS[kind]}"


def model(name: str) -> str:
    """A model's name as people know it: the last part of a hub id or a path."""
    return DEFAULT_MODEL if name == "default" else name.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


def time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1.5:
        return "about a second left"
    if seconds < 90:
        return f"about {round(seconds)} s left"
    return f"about {round(seconds / 60)} min left"


def strength(value: float) -> str:
    """What a strength means, in a few words."""
    if value == 0:
        return "off: the plain model"
    if value < 0.4:
        return "a hint of it"
    if value < 0.8:
        return "gentle"
    if value < 1.0:
        return "nearly as taught"
    if value == 1.0:
        return "as taught"
    if value <= 1.3:
        return "stronger than taught"
    if value < 1.75:
        return "strong: it may begin to ramble"
    return "exaggerated: it may stop making sense"
