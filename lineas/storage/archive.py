"""A concept as one file to give away (``.lineas``): a zip file with the map, both lists, the health card and the instruction.

Whoever unpacks it can read everything but the map, and sees what a concept for pictures does. Nothing of a foreign archive reaches
the disk under a name of its own: seven names are looked for, and what they hold is bounded.
"""

import codecs
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from lineas.errors import LineasError, short
from lineas.files import atomic_write
from lineas.steering.map_file import LARGEST_FILE
from lineas.storage.carried import KEY, Examples, carried, carried_card, carry
from lineas.storage.run_files import read_sentences, write_sentences

if TYPE_CHECKING:  # a list of concepts does not need torch
    from lineas.steering.map import SteeringMap

SUFFIX = ".lineas"
MAP = "map.safetensors"
TEXT_LISTS = "how it talks now.txt", "how you want it to talk.txt"
PICTURE_LISTS = "pictures as they are.txt", "pictures as you want them.txt"
CARD_FILE = "card.png"
"""Written for people who unpack it, and not read: a studio draws it itself."""
WORDS = {"health": "health.json", "instruction": "instruction.txt"}
"""Metadata of the map that stand in files of their own, to be read and changed by people. An archive without them has none."""
MOST = {
    MAP: LARGEST_FILE,
    **dict.fromkeys([*TEXT_LISTS, *PICTURE_LISTS], 8 * 1024**2),
    "health.json": 1024**2,
    "instruction.txt": 64 * 1024,
}
"""Largest size of each file in bytes, unpacked."""
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LONGEST_DIRECTORY = 16 * 1024
"""Size of an archive's table of contents in bytes; that of a concept with everything takes 400."""
LONGEST_END = 22 + 65535 + 20
"""Size of what ends an archive in bytes: the record, its comment, and what points to a record of more than 4 GB."""
_START, _END, _LARGE_END = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07"


def is_archive(path: Path) -> bool:
    """Whether a file begins as a zip file. A map file cannot: its header would be longer than any map's."""
    with path.open("rb") as file:
        return file.read(len(_START)) == _START


def write(path: Path, steering_map: "SteeringMap", examples: Examples | None) -> None:
    """Write a concept, all or nothing.

    Args:
        steering_map: with its health card and instruction in its metadata.
        examples: source and target sentences, if they are known.
    """
    with tempfile.TemporaryDirectory() as folder:
        steering_map.with_metadata(**{KEY: ""}).save(Path(folder) / MAP)
        names = PICTURE_LISTS if steering_map.for_pictures else TEXT_LISTS
        for name, sentences in zip(names, examples or (), strict=False):
            write_sentences(Path(folder) / name, sentences)
        if card := carried_card(steering_map.metadata):
            (Path(folder) / CARD_FILE).write_bytes(card)
        for key, name in WORDS.items():
            if text := steering_map.metadata.get(key, ""):
                (Path(folder) / name).write_text(text, "utf-8", newline="")

        def pack(draft: Path) -> None:
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                for name in (*MOST, CARD_FILE):
                    if (file := Path(folder) / name).exists():
                        archive.write(file, name)

        atomic_write(path, pack)


def read(path: Path) -> "SteeringMap":
    """Read a concept. Its lists, health card and instruction go into the map's metadata.

    Raises:
        LineasError: no archive of a concept, a damaged one, or one that holds too much.
    """
    from lineas.steering.map import SteeringMap

    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: part for name, most in MOST.items() if (part := _part(archive, name, most)) is not None}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise _refused(path, f"it is damaged or cut short ({short(error, 200)})") from None
    except LineasError as error:
        raise _refused(path, str(error)) from None
    if MAP not in parts:
        raise _refused(path, f"there is no {MAP} in it")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / MAP).write_bytes(parts[MAP])
        steering_map = SteeringMap.load(Path(folder) / MAP)
        source, target = PICTURE_LISTS if steering_map.for_pictures else TEXT_LISTS
        for name in (source, target):
            (Path(folder) / name).write_bytes(_whole_lines(parts.get(name, b"")))
        try:
            examples = read_sentences(Path(folder) / source), read_sentences(Path(folder) / target)
            words = {key: parts.get(name, b"").decode("utf-8-sig") for key, name in WORDS.items()}
        except UnicodeError:
            raise _refused(path, "its texts are not UTF-8") from None
    sentences = carry(examples) if carried(carry(examples)) else {}
    return steering_map.with_metadata(**words, **sentences)


def _check_directory(path: Path) -> None:
    """Raise a LineasError for a table of contents that is longer than this program writes, which zipfile would read whole: 20 MB
    can name hundreds of thousands of empty files."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LONGEST_END))
        end = file.read()
    at = end.rfind(_END)
    if at < 0 or len(end) < at + 22:
        raise zipfile.BadZipFile("it has no table of contents")
    if int.from_bytes(end[at + 12 : at + 16], "little") > LONGEST_DIRECTORY or _LARGE_END in end[max(0, at - 20) : at]:
        raise LineasError("there are too many files in it")


def _part(archive: zipfile.ZipFile, name: str, most: int) -> bytes | None:
    """One file, unpacked; None where there is none. A LineasError says why it is refused: the size that an archive claims need not
    be true."""
    if name not in archive.namelist():
        return None
    info = archive.getinfo(name)
    if info.flag_bits & 0x1:
        raise LineasError("it is protected with a password")
    if info.compress_type not in PLAIN:
        raise LineasError("it is packed in another way than this program does")
    with archive.open(info) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise LineasError(f"{name!r} in it is larger than {most / 1e6:.0f} MB")
    return content


def _whole_lines(text: bytes) -> bytes:
    """A list as this program writes it; other editors begin with a mark, end lines in another way, and leave the last one open."""
    text = text.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")
    return text + b"\n" if text and not text.endswith(b"\n") else text


def _refused(path: Path, reason: str) -> LineasError:
    return LineasError(
        f"{short(path.name)!r} cannot be used as a concept: {reason}. Nothing was changed; choose another file."
    )
