"""Inside: the layers that a concept changes, and where it comes from."""

from lineas.ui.pages.inside.handlers import wire as wire
from lineas.ui.pages.inside.layout import InsidePage as InsidePage
from lineas.ui.pages.inside.layout import build as build
