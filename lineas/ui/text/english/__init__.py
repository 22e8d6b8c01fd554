"""The studio's sentences in English."""

from lineas.ui.text.english.common import *
from lineas.ui.text.english.compare import *
from lineas.ui.text.english.concepts import *
from lineas.ui.text.english.export import *
from lineas.ui.text.english.inside import *
from lineas.ui.text.english.library import *
from lineas.ui.text.english.mix import *
from lineas.ui.text.english.models import *
from lineas.ui.text.english.pictures import *
from lineas.ui.text.english.stage import *
from lineas.ui.text.english.states import *
from lineas.ui.text.english.strengths import *
from lineas.ui.text.english.teach import *
