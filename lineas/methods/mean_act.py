"""Mean-AcT (Rodriguez et al., arXiv 2410.23054, section 3.2): z + mean(target) − mean(source) at each site, fitted in order.

The earlier maps act on both sides, as in ``lin_act``.
"""

from functools import partial

from lineas.methods.closed_form import mean_shift
from lineas.methods.fitting import fit_sites

train = partial(fit_sites, "mean_act", mean_shift, in_order=True)
