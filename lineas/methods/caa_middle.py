"""CAA (``caa``) at a single block: index L // 2 of L blocks, or the middle one of the requested sites."""

from functools import partial

from transformers import PreTrainedModel

from lineas.methods.closed_form import mean_shift
from lineas.methods.fitting import default_sites, fit_sites
from lineas.methods.pooling import mean_after_first, read_pooled
from lineas.steering.site import Site


def middle_block(network: PreTrainedModel, sites: str) -> tuple[Site, ...]:
    """The middle block as the only site."""
    found = default_sites("blocks")(network, sites)
    return (found[len(found) // 2],)


train = partial(fit_sites, "caa_middle", mean_shift, find=middle_block, read=partial(read_pooled, mean_after_first))
