"""CAA (``caa``) at one block only: of L blocks the one with index L // 2, or, of sites that are asked for, the middle one."""

from functools import partial

from transformers import PreTrainedModel

from lineas.methods.closed_form import mean_shift
from lineas.methods.fitting import fit_sites, own_sites
from lineas.methods.pooling import mean_after_first, read_pooled
from lineas.steering.site import Site


def middle(network: PreTrainedModel, sites: str) -> tuple[Site, ...]:
    places = own_sites("blocks")(network, sites)
    return (places[len(places) // 2],)


train = partial(fit_sites, "caa_middle", mean_shift, find=middle, read=partial(read_pooled, mean_after_first))
