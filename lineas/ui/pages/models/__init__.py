"""Model: the model in memory, and the models that could be loaded."""

from lineas.ui.pages.models.handlers import wire as wire
from lineas.ui.pages.models.layout import ModelsPage as ModelsPage
from lineas.ui.pages.models.layout import build as build
