"""Teach: two lists of sentences become a concept."""

from lineas.ui.pages.teach.handlers import wire as wire
from lineas.ui.pages.teach.layout import TeachPage as TeachPage
from lineas.ui.pages.teach.layout import build as build
