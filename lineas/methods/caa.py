"""CAA (Rimsky et al., arXiv 2312.06681): add mean(target) − mean(source) to the output of every block.

All means are of the plain network, as in the paper. Each block adds its own difference to what earlier blocks added, so together
they overshoot; ``caa_middle`` is the usual remedy.

Difference from the paper: CAA uses the last token of contrasting answers to one question. Here the sentences are unpaired and the
mean is over their tokens, as for the other methods, without the first token: in the residual stream the first token is hundreds of
times larger than the others, and the difference would mostly reflect the lengths of the sentences.
"""

from functools import partial

from lineas.methods.closed_form import mean_shift
from lineas.methods.fitting import default_sites, fit_sites
from lineas.methods.pooling import mean_after_first, read_pooled

train = partial(
    fit_sites, "caa", mean_shift, find=default_sites("blocks"), read=partial(read_pooled, mean_after_first)
)
