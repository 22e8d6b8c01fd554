"""My concepts: everything on disk, to use, name, share, delete and restore."""

from lineas.ui.pages.concepts.handlers import wire as wire
from lineas.ui.pages.concepts.layout import ConceptsPage as ConceptsPage
from lineas.ui.pages.concepts.layout import build as build
