"""Every sentence that the studio shows, in one place: a file for each page, one flat set of names.

The people who read them do not program. So: a trained map is a *concept*, source is "How it talks now", target is
"How you want it to talk", training is teaching, and the loss is a distance that should get smaller.
"""

from lineas.ui.words.common import *
from lineas.ui.words.compare import *
from lineas.ui.words.inside import *
from lineas.ui.words.library import *
from lineas.ui.words.mix import *
from lineas.ui.words.models import *
from lineas.ui.words.stage import *
from lineas.ui.words.states import *
from lineas.ui.words.strengths import *
from lineas.ui.words.teach import *
