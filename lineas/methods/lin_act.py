"""Lin-AcT (Rodriguez et al., arXiv 2410.23054, Eq. 5): per coordinate least squares on sorted samples, fitted in order.

Left out: the clamp to the source's observed range, which is no affine map.
"""

from functools import partial

from lineas.core.closed_form import linear_fit
from lineas.methods.sequential import fit_in_order

train = partial(fit_in_order, "lin_act", linear_fit)
