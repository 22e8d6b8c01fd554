"""CAA (Rimsky et al., arXiv 2312.06681): h + mean(target) − mean(source) at the output of every block.

All means are of the plain network, as in the paper: each block adds its own difference to what the earlier ones added
already, so that together they overshoot. ``caa_middle`` is the usual remedy.

Left out: CAA takes the last token of contrasting answers to one question; here sentences are unpaired and the mean is over
all their tokens, as for the other methods.
"""

from functools import partial

from lineas.core.closed_form import mean_shift
from lineas.methods.fitting import fit_sites, own_sites

train = partial(fit_sites, "caa", mean_shift, find=own_sites("blocks"))
