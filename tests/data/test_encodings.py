"""Text files of old programs: the encoding is found and told, or the file is refused; no other letters are learned in silence."""

import pytest

from lineas.data.encodings import decode
from lineas.errors import LineasError

RUSSIAN = "Сегодня хорошая погода.\nЯ пошёл на рынок утром.\nГде собака?\nМы едим суп с хлебом."
GERMAN = "Wo ist der Bär?\nFünf Äpfel.\nDas Wasser im Fluß ist kühl."
FRENCH = "Où est le château ?\nJ’ai mangé à midi.\nC’est déjà l’été.\nÇa va être très bien."
CHINESE = "今天天气很好。\n我早上去了那里。\n狗在哪里？\n我喜欢喝茶。"
JAPANESE = "今日はいい天気です。\n朝、市場に行きました。\n犬はどこですか。\n川の水は冷たいです。"
POLISH = "Gdzie jest pies?\nPoszedłem rano na targ.\nJutro będzie padać deszcz, myślę."
HEBREW = "מזג האוויר יפה היום.\nאיפה הכלב?\nאתמול ראינו סרט יפה.\nהמים בנהר קרים."
ARABIC = "الطقس جميل اليوم.\nأين الكلب؟\nشاهدنا فيلما جميلا أمس."


@pytest.mark.parametrize(
    ("text", "codec", "told"),
    [
        (RUSSIAN, "cp1251", "Windows-1251, Cyrillic"),
        (RUSSIAN, "koi8_r", "KOI8-R, Cyrillic"),
        (RUSSIAN, "mac_cyrillic", "Mac OS Cyrillic"),
        (RUSSIAN, "cp866", "DOS code page 866, Cyrillic"),
        (RUSSIAN, "iso8859_5", "ISO 8859-5, Cyrillic"),
        (CHINESE, "gb18030", "GB18030, Chinese"),
        (JAPANESE, "cp932", "Shift JIS, Japanese"),
        (JAPANESE, "euc_jp", "EUC-JP, Japanese"),
        (GERMAN, "cp1252", "Windows-1252, Western European"),
        (GERMAN, "mac_roman", "Mac OS Roman, Western European"),
        (GERMAN, "cp850", "DOS code page 850, Western European"),
        (FRENCH, "cp1252", "Windows-1252, Western European"),
        (FRENCH, "mac_roman", "Mac OS Roman, Western European"),
        (POLISH, "cp1250", "Windows-1250, Central European"),
        (HEBREW, "cp1255", "Windows-1255, Hebrew"),
        (ARABIC, "cp1256", "Windows-1256, Arabic"),
        (RUSSIAN, "utf-8", ""),
        (RUSSIAN, "utf-16", ""),
        (GERMAN, "utf-16-le", ""),
        (GERMAN, "utf-16-be", ""),
    ],
)
def test_an_encoding_is_found_and_told(text: str, codec: str, told: str) -> None:
    found = decode(text.encode(codec), "“a.txt”")
    assert (found.text, found.encoding) == (text, told)


def test_one_line_is_read_rightly_or_refused() -> None:
    for text in (RUSSIAN, GERMAN, CHINESE, JAPANESE, HEBREW):
        line = text.split("\n")[0]
        for codec in ("cp1251", "koi8_r", "cp1252", "mac_roman", "cp850", "gb18030", "euc_jp", "cp1255"):
            try:
                data = line.encode(codec)
            except UnicodeEncodeError:
                continue
            try:
                assert decode(data, "“a.txt”").text == line, codec
            except LineasError as error:
                assert "save it as plain text (UTF-8)" in str(error)


def test_the_end_mark_of_old_systems_is_no_text() -> None:
    assert decode(b"One.\r\n\x1a", "“a.txt”").text == "One.\r\n"
    assert decode("Fünf.\r\n\x1a\x1a".encode("cp1252"), "“a.txt”").text == "Fünf.\r\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "is not a text file"),
        (bytes(range(1, 256)), "is not a text file"),
        (b"\xff\xfeH", "is not a text file"),
        (b"\x00\xc2\x80", "is not a text file"),
        (RUSSIAN.encode()[:-1] + b"\xff", "a letter in line 4 cannot be read as UTF-8"),
        (RUSSIAN.encode()[:61], "a letter in line 2 cannot be read as UTF-8"),
    ],
)
def test_what_is_no_text_or_is_damaged_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(LineasError, match=reason):
        decode(data, "“a.txt”")
