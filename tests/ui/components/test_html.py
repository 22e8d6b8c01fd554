"""Texts of people and models in HTML, and the fonts of the page."""

from nasty import NASTY

from lineas.generation.listener import Answer
from lineas.ui.components import html
from lineas.ui.theme import studio_theme
from lineas.ui.view_state import Status


def test_what_people_and_models_write_is_escaped() -> None:
    pieces = [
        html.answer("steered", NASTY, NASTY),
        html.answer("steered", NASTY, "", Answer(NASTY, 3, True)),
        html.status(Status("busy", NASTY, NASTY), NASTY),
        html.alert(NASTY),
        html.notice(NASTY),
        html.hint(NASTY),
    ]
    assert not any("<img" in piece or "<script" in piece or 'onerror="' in piece for piece in pieces)


def test_fonts_come_with_gradio() -> None:
    theme = studio_theme()
    assert "http" not in "".join(theme._font_css) and "IBMPlexSans-Bold.woff2" in "".join(theme._font_css)
    assert theme._stylesheets == []
