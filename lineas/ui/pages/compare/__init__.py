"""Compare: one question, the plain answer and the steered answer."""

from lineas.ui.pages.compare.handlers import wire as wire
from lineas.ui.pages.compare.layout import ComparePage as ComparePage
from lineas.ui.pages.compare.layout import build as build
