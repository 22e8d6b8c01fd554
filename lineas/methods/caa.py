"""CAA (Rimsky et al., arXiv 2312.06681): h + mean(target) − mean(source) at the output of every block.

All means are of the plain network, as in the paper: each block adds its own difference to what the earlier ones added
already, so that together they overshoot. ``caa_middle`` is the usual remedy.

Left out: CAA takes the last token of contrasting answers to one question; here sentences are unpaired and the mean is over
their tokens, as for the other methods, but without the first: in the residual stream it is hundreds of times larger than the
others, and the difference would be that of the sentences' lengths.
"""

from functools import partial

from lineas.methods.closed_form import mean_shift
from lineas.methods.fitting import fit_sites, own_sites
from lineas.methods.pooling import mean_after_first, read_pooled

train = partial(fit_sites, "caa", mean_shift, find=own_sites("blocks"), read=partial(read_pooled, mean_after_first))
