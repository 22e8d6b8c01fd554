"""Lin-AcT (Rodriguez et al., arXiv 2410.23054, Eq. 5): per coordinate least squares on sorted samples, fitted in order.

Left out: the clamp to the source's observed range, which is no affine map (``lin_act_clamp``).
"""

from functools import partial

from lineas.methods.closed_form import linear_fit
from lineas.methods.fitting import fit_sites

train = partial(fit_sites, "lin_act", linear_fit, in_order=True)
