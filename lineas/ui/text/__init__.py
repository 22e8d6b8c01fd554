"""Every sentence that the studio shows, in one place: a file for each page, one flat set of names.

The people who read them do not program. So: a trained map is a *concept*, source is "How it talks now", target is
"How you want it to talk", training is teaching, and the loss is a distance that should get smaller.
"""

from lineas.ui.text.english.common import *
from lineas.ui.text.english.compare import *
from lineas.ui.text.english.inside import *
from lineas.ui.text.english.library import *
from lineas.ui.text.english.mix import *
from lineas.ui.text.english.models import *
from lineas.ui.text.english.stage import *
from lineas.ui.text.english.states import *
from lineas.ui.text.english.strengths import *
from lineas.ui.text.english.teach import *
