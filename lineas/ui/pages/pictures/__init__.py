"""Pictures: the same maps on a model that draws."""

from lineas.ui.pages.pictures.handlers import wire as wire
from lineas.ui.pages.pictures.layout import PicturesPage as PicturesPage
from lineas.ui.pages.pictures.layout import build as build
