"""Lin-AcT (Rodriguez et al., arXiv 2410.23054, Eq. 5): least squares on sorted samples per coordinate, fitted in order.

Sites are fitted one after the other. The earlier maps act on both sides, source and target, as in the authors' program (ml-act,
``incremental: incr``), which reads all sentences through them.

Left out: the clamp to the source's observed range, which is not an affine map (see ``lin_act_clamp``).
"""

from functools import partial

from lineas.methods.closed_form import linear_fit
from lineas.methods.fitting import fit_sites

train = partial(fit_sites, "lin_act", linear_fit, in_order=True)
