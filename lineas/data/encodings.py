"""Text in whatever encoding it was saved: UTF-8 and byte-order marks at once, everything older by charset-normalizer."""

import codecs
import re
from dataclasses import dataclass

from lineas.errors import LineasError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before utf-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OLD_ENCODINGS = {
    "cp1252": "Windows-1252, Western European",
    "cp1250": "Windows-1250, Central European",
    "iso8859_2": "ISO 8859-2, Central European",
    "cp1251": "Windows-1251, Cyrillic",
    "koi8_r": "KOI8-R, Cyrillic",
    "iso8859_5": "ISO 8859-5, Cyrillic",
    "mac_cyrillic": "Mac OS Cyrillic",
    "cp866": "DOS code page 866, Cyrillic",
    "cp1253": "Windows-1253, Greek",
    "cp1254": "Windows-1254, Turkish",
    "cp1255": "Windows-1255, Hebrew",
    "cp1256": "Windows-1256, Arabic",
    "cp874": "Windows-874, Thai",
    "mac_roman": "Mac OS Roman, Western European",
    "cp850": "DOS code page 850, Western European",
    "gb18030": "GB18030, Chinese",
    "big5": "Big5, Chinese",
    "cp932": "Shift JIS, Japanese",
    "euc_jp": "EUC-JP, Japanese",
    "cp949": "Windows-949, Korean",
}
"""Encodings that are still met, with their names for people; charset-normalizer would consider eighty more."""
SAMPLE = 100_000
"""Number of bytes, of lines that are not ASCII, from which an encoding is told."""
# Western text in Windows-1252: letters that Western European languages use inside words, and the marks of word processors
_WESTERN = re.compile(
    r"[\sa-zA-Z0-9!-/:-@\[-`{-~àáâãäåæçèéêëìíîïñòóôõöøùúûüßœÿÀ-ÖØ-ÜŒŸ“”‘’–—…«»‹›„‚€£§°©®™•·¿¡´ª½¼¾]*"
)
# What a wrong encoding does to words: a symbol between two letters, or a capital behind a small letter
_BROKEN = re.compile(
    r"[^\W\d_][\x80-\xb6\xb8-\xbf×÷‚„†‡ˆ‰‹•˜›™](?=[^\W\d_])|[^\W\d_A-Z](?=[À-ÖØ-ÞŠŒŽŸА-Я])(?<![A-ZÀ-ÖØ-ÞА-Я])"
)


@dataclass(frozen=True)
class Decoded:
    """A text, and the name of its encoding for people; empty for Unicode, of which nothing had to be guessed."""

    text: str
    encoding: str = ""


def decode(data: bytes, what: str) -> Decoded:
    """Decode the bytes of a text file.

    Args:
        what: what error messages call the file.

    Raises:
        LineasError: no text, damaged UTF-8, or an encoding that cannot be told.
    """
    data = data.rstrip(b"\x1a") if data[-2:-1] != b"\x00" else data  # Ctrl-Z ended the text files of DOS and CP/M
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    try:
        return Decoded(_checked(data.decode(marked or _unmarked_utf16(data) or "utf-8"), what))
    except UnicodeDecodeError as error:
        if marked:
            raise _no_text(what) from error
    _refuse_damaged_utf8(data, what)
    if b"\x00" in data:
        raise _no_text(what)
    codec = _guess(data)
    try:
        text = data.decode(codec or "ascii")
    except UnicodeDecodeError as error:
        raise _no_text(what) if _is_binary(data) else _unclear(what) from error
    return Decoded(_checked(text, what), OLD_ENCODINGS[codec or "cp1252"])


def _guess(data: bytes) -> str | None:
    """The codec of text that is not Unicode; None where two are as likely and give other letters."""
    from charset_normalizer import from_bytes

    sample = b"\n".join(line for line in data.splitlines() if not line.isascii())[:SAMPLE]
    sample = sample.rpartition(b"\n")[0] if len(sample) == SAMPLE and b"\n" in sample else sample
    western = sample.decode("cp1252", "replace")
    # short Western texts have too few letters beyond ASCII for statistics, which take them for Chinese or Polish
    if _WESTERN.fullmatch(western) and not _BROKEN.search(western) and _mostly_ascii_words(western):
        return "cp1252"
    found = [(*_rank(match), match) for match in from_bytes(sample, cp_isolation=[*OLD_ENCODINGS])]
    found = sorted((match for match in found if match[-1].encoding in OLD_ENCODINGS), key=lambda match: match[:3])
    if not found:
        return None
    best, *others = found
    if best[1] > 0.1 and best[2] > -0.3:  # a mess in no known language
        return None
    for other in others:
        alike = best[0] == other[0] and abs(best[1] - other[1]) < 0.01 and abs(best[2] - other[2]) < 0.03
        if alike and best[3] == other[3] and str(best[-1]) != str(other[-1]):
            return None
    codec: str = best[-1].encoding
    return codec


def _rank(match: object) -> tuple[int, float, float, bool]:
    """Broken words, mess, (minus) likeness to a language, and whether a byte is a character; the smallest is the likeliest."""
    text, mess, likeness, encoding = str(match), match.chaos, match.coherence, match.encoding  # type: ignore[attr-defined]
    single = encoding not in ("gb18030", "big5", "cp932", "euc_jp", "cp949")
    return len(_BROKEN.findall(text)), round(mess, 3), -likeness, single


def _mostly_ascii_words(text: str) -> bool:
    """Return whether words have fewer letters beyond ASCII than within, as in Western languages; not so in misread Cyrillic."""
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    beyond = sum(not letter.isascii() for word in words for letter in word)
    return 2 * beyond <= sum(map(len, words)) + len(words)


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark, in which every other byte of Western text is zero."""
    half = max(len(data) // 2, 1)
    if data[1::2].count(0) > 0.4 * half and not data[::2].count(0):
        return "utf-16-le"
    if data[::2].count(0) > 0.4 * half and not data[1::2].count(0):
        return "utf-16-be"
    return None


def _refuse_damaged_utf8(data: bytes, what: str) -> None:
    """Raise for UTF-8 with a few wrong bytes: read as anything else, all its other letters would be wrong."""
    text = data.decode("utf-8", "replace")
    damaged, beyond_ascii = text.count("�"), sum(not letter.isascii() for letter in text)
    if damaged and beyond_ascii - damaged > 2 * damaged:
        line = text[: text.index("�")].count("\n") + 1
        raise LineasError(
            f"{what} is damaged: a letter in line {line} cannot be read as UTF-8, as the others can. Write that line anew, "
            f"or save the file once more as plain text (UTF-8)."
        )


def _checked(text: str, what: str) -> str:
    if "\x00" in text or _control_characters(text) > len(text) / 100:
        raise _no_text(what)
    return text


def _control_characters(text: str) -> int:
    return len(re.findall(r"[\x00-\x08\x0e-\x1b]", text))


def _is_binary(data: bytes) -> bool:
    return _control_characters(data.decode("latin-1")) > len(data) / 100


def _no_text(what: str) -> LineasError:
    return LineasError(
        f"{what} is not a text file, whatever its name says. Open it in the program that made it and save it as "
        f"plain text (UTF-8)."
    )


def _unclear(what: str) -> LineasError:
    return LineasError(
        f"{what} is a text in an old encoding, and which one cannot be told from so few letters. Open it in the program "
        f"that made it and save it as plain text (UTF-8)."
    )
