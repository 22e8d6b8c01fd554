"""Strengths: the same questions at every strength."""

from lineas.ui.pages.strengths.handlers import wire as wire
from lineas.ui.pages.strengths.layout import StrengthsPage as StrengthsPage
from lineas.ui.pages.strengths.layout import build as build
