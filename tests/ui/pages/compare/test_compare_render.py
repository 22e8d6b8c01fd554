"""Marks on the words in which two answers differ."""

from html import unescape

from lineas.ui.pages.compare.render import difference, mark


def test_words_that_the_other_answer_lacks_are_marked() -> None:
    plain, steered = mark(["I went to the market today.", "Arr, I sailed to the Market, matey!"])
    assert plain == "I <mark>went</mark> to the market <mark>today.</mark>"
    assert steered == "<mark>Arr,</mark> I <mark>sailed</mark> to the Market, <mark>matey!</mark>"


def test_a_mark_ends_with_its_line() -> None:
    assert mark(["one two\n\nthree", "four"])[0] == "<mark>one two</mark>\n\n<mark>three</mark>"


def test_marks_keep_the_text_and_escape_it() -> None:
    texts = ["a <b>b</b>\n\n  c ${x}", "<img src=x onerror=y>  a  c\n&", "a told"]
    for html, text in zip(mark(texts), texts, strict=True):
        assert html is not None and "<img" not in html and "<b>" not in html
        assert unescape(html.replace("<mark>", "").replace("</mark>", "")) == text


def test_the_difference_in_words() -> None:
    assert difference(["a b c", "A, b c."]) == "Both answers are the same, word for word."
    assert difference(["a b c d", "a x c y z"]).startswith("3 of 5 words")
    assert difference(["a b", "a c"]).startswith("1 of 2 words in the steered answer is")
    assert difference(["only one"]) == "" and mark(["", "x"]) == [None, None]


def test_an_answer_with_words_left_out_is_not_the_same() -> None:
    assert difference(["a b c", "a c"]) == "Nothing is new in the steered answer; 1 word of the original is left out."
    assert difference(["a b c d", "d"]).endswith("3 words of the original are left out.")
    assert difference(["a b", ""]).endswith("2 words of the original are left out.")


def test_long_answers_can_be_marked() -> None:
    words = [str(i % 97) for i in range(400)]
    assert mark([" ".join(words), " ".join(reversed(words))])
