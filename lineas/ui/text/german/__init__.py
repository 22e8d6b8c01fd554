"""The studio's sentences in German."""

from lineas.ui.text.german.common import *
from lineas.ui.text.german.compare import *
from lineas.ui.text.german.concepts import *
from lineas.ui.text.german.export import *
from lineas.ui.text.german.inside import *
from lineas.ui.text.german.library import *
from lineas.ui.text.german.mix import *
from lineas.ui.text.german.models import *
from lineas.ui.text.german.pictures import *
from lineas.ui.text.german.stage import *
from lineas.ui.text.german.states import *
from lineas.ui.text.german.strengths import *
from lineas.ui.text.german.teach import *
