"""Every sentence that the studio shows: one file for each page, imported here into one flat set of names.

The readers are not programmers: a trained map is a *concept*, the source examples are "How it talks now", the target examples are
"How you want it to talk", training is teaching, and the loss is a distance that should get smaller.
"""

from lineas.ui.text.english.common import *
from lineas.ui.text.english.compare import *
from lineas.ui.text.english.concepts import *
from lineas.ui.text.english.export import *
from lineas.ui.text.english.inside import *
from lineas.ui.text.english.mix import *
from lineas.ui.text.english.models import *
from lineas.ui.text.english.pictures import *
from lineas.ui.text.english.stage import *
from lineas.ui.text.english.states import *
from lineas.ui.text.english.strengths import *
from lineas.ui.text.english.teach import *
