"""Finding sites: the modules of a network whose output can be steered, seen to fire in a dry run."""

import re
from collections import Counter
from collections.abc import Callable, Mapping

import re2
from torch import nn
from transformers import PreTrainedModel

from lineas.errors import LineasError, short
from lineas.steering.site import Site, module_widths

SITE_SETS = {
    "default": "the recipe's; by itself the norm before each MLP",
    "mlp-norms": "the norm before each MLP",
    "paper": "the paper's: every norm after a block's attention or feed-forward part, by name (post…norm)",
    "norms": "every norm of every block",
    "attention": "the output of every attention",
    "mlp": "the output of every MLP",
    "blocks": "the output of every block",
}
"""Names of the site sets, with a description each."""
MAX_PATTERN = 1000
"""Length at which a pattern is cut."""

# Names of a block's children; the first that a block has is used. One name can mean different things: ``post_attention_layernorm``
# stands before the MLP in Llama but after the attention in Gemma, whose norm before the MLP is ``pre_feedforward_layernorm``.
# Blocks that compute attention and MLP in parallel (GPT-J, Phi, Cohere) have one norm for both.
_NORM_BEFORE_MLP = (
    "pre_feedforward_layernorm", "pre_ff_layernorm", "pre_mlp_layernorm", "post_attention_layernorm", "feedforward_layernorm",
    "channel_pre_norm", "ln_2", "ln2", "ln_mlp", "ffn_norm", "norm_ffn", "mlp_norm", "norm_2", "norm2", "final_layer_norm", "ln_1",
    "input_layernorm", "norm_1", "norm",
)  # fmt: skip
_ATTENTION = (
    "self_attn",
    "attn",
    "attention",
    "self_attention",
    "temporal_block",
    "linear_attn",
    "mixer",
    "multi_head_attention",
)
_MLP = ("mlp", "feed_forward", "ffn", "block_sparse_moe", "moe", "mlp_block", "fc2")
_INSTEAD = ("mlp-norms", "blocks", "norms", "mlp", "attention")
"""Sets that take the place of one of which a model has nothing, the best first."""


def find_sites(network: PreTrainedModel, pattern: str = "default") -> tuple[Site, ...]:
    """Find the sites of a site set (a key of ``SITE_SETS``) or of a pattern over module names, in forward order.

    Args:
        pattern: a regular expression in RE2's syntax, which is matched in linear time: it may come from a page.

    Raises:
        LineasError: where nothing matches; the message lists what the model has.
    """
    widths = module_widths(network)
    if found := _find(network, pattern, widths):
        return found
    raise LineasError(f"No part of this model matches the sites {short(pattern)!r}. {_list_modules(widths)}")


def best_sites(network: PreTrainedModel, wanted: str = "default") -> tuple[str, tuple[Site, ...]]:
    """Find the sites of a set, or of the best set that this model has something of.

    Returns:
        the set's name and its sites, in forward order.

    Raises:
        LineasError: nothing in this model can be steered.
    """
    widths = module_widths(network)
    for name in (wanted, *_INSTEAD):
        if found := _find(network, name, widths):
            return name, found
    raise LineasError(
        "No part of this model can be steered: nothing in it returns one vector for each token. Choose another model."
    )


def missing_sites(network: PreTrainedModel) -> tuple[str, ...]:
    """Say, in a sentence for each set of a recipe that lacks sites, what is steered instead and which blocks are not."""
    said = []
    blocks = find_blocks(network)
    for wanted in ("default", "blocks"):
        name, found = best_sites(network, wanted)
        if name != wanted:
            said.append(f"This model has no sites {wanted!r} ({SITE_SETS[wanted]}); {name!r} take their place.")
        if (bare := len(blocks) - len({site.depth for site in found} & set(range(len(blocks))))) > 0:
            said.append(
                f"{bare} of its {len(blocks)} blocks have no site of the set {name!r} and are not steered there."
            )
    return tuple(dict.fromkeys(said))


def _find(network: PreTrainedModel, pattern: str, widths: Mapping[str, int]) -> tuple[Site, ...]:
    blocks = find_blocks(network)
    if pattern in SITE_SETS:
        names = [name for block in blocks for name in _sites_in_block(block, pattern, network, widths)]
    else:
        search, head = _compile(pattern, widths), network.get_output_embeddings()
        names = [name for name in widths if search(name) and network.get_submodule(name) is not head]
    order = {name: position for position, name in enumerate(widths)}
    return tuple(Site(name, widths[name], _depth(name, blocks)) for name in sorted(names, key=order.__getitem__))


def _compile(pattern: str, widths: Mapping[str, int]) -> Callable[[str], object]:
    options = re2.Options()
    options.log_errors = False
    try:
        search: Callable[[str], object] = re2.compile(pattern[:MAX_PATTERN], options).search
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error
        raise LineasError(
            f"{short(pattern)!r} is not a pattern that can be searched for ({reason}). {_list_modules(widths)}"
        ) from None
    return search


def find_blocks(network: nn.Module) -> list[str]:
    """Names of the decoder blocks: the members of the ``ModuleList`` in which most modules fire.

    A block itself need not fire: those of Gemma 3n return several streams at once.
    """
    lists: list[dict[str, int]] = []
    for name, module in network.named_modules():
        if isinstance(module, nn.ModuleList):
            members = {f"{name}.{child}": 0 for child, _ in module.named_children()}
            for fired in module_widths(network):
                if fired.startswith(f"{name}."):
                    members[".".join(fired.split(".")[: name.count(".") + 2])] += 1
            lists.append({member: count for member, count in members.items() if count})
    most: dict[str, int] = max(lists, key=lambda members: sum(members.values())) if lists else {}
    return list(most)


def _sites_in_block(block: str, pattern: str, network: nn.Module, widths: Mapping[str, int]) -> list[str]:
    children = [child for child, _ in network.get_submodule(block).named_children() if f"{block}.{child}" in widths]
    norms = [child for child in children if "norm" in type(network.get_submodule(f"{block}.{child}")).__name__.lower()]
    post = [child for child in norms if child.startswith("post")]
    match pattern:
        case "blocks":
            return [block] if block in widths else []
        case "norms":
            chosen = norms
        case "paper" if post:
            chosen = post
        case "attention":
            chosen = _first(_ATTENTION, children)
        case "mlp":
            chosen = _first(_MLP, children)
        case _:
            chosen = _first(_NORM_BEFORE_MLP, children)
    return [f"{block}.{child}" for child in chosen]


def _first(names: tuple[str, ...], children: list[str]) -> list[str]:
    return [name for name in names if name in children][:1]


def _depth(name: str, blocks: list[str]) -> int:
    return next((i for i, block in enumerate(blocks) if name == block or name.startswith(f"{block}.")), len(blocks))


def _list_modules(widths: Mapping[str, int]) -> str:
    kinds = Counter(re.sub(r"\.\d+(?=\.|$)", ".N", name) for name in widths)
    listed = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in list(kinds.items())[:20])
    return f"Choose one of {', '.join(SITE_SETS)}, or a pattern over the names that it has: {listed}."
