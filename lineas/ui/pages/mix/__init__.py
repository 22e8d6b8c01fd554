"""Mix: several concepts at once."""

from lineas.ui.pages.mix.handlers import wire as wire
from lineas.ui.pages.mix.layout import MixPage as MixPage
from lineas.ui.pages.mix.layout import build as build
