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
    "default": "the recipe's; by itself the norm before each MLP, in every family",
    "mlp-norms": "the norm before each MLP, in every family",
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
    "pre_feedforward_layernorm", "pre_ff_layernorm", "pre_mlp_layernorm", "post_attention_layernorm", "ln_2", "ln_mlp",
    "ffn_norm", "mlp_norm", "norm_2", "norm2", "final_layer_norm", "ln_1", "input_layernorm", "norm_1", "norm",
)  # fmt: skip
_ATTENTION = ("self_attn", "attn", "attention", "self_attention", "temporal_block", "linear_attn", "mixer")
_MLP = ("mlp", "feed_forward", "ffn", "block_sparse_moe", "moe", "fc2")


def find_sites(network: PreTrainedModel, pattern: str = "default") -> tuple[Site, ...]:
    """Find the sites of a site set (a key of ``SITE_SETS``) or of a pattern over module names, in forward order.

    Args:
        pattern: a regular expression in RE2's syntax, which is matched in linear time: it may come from a page.

    Raises:
        LineasError: where nothing matches; the message lists what the model has.
    """
    widths = module_widths(network)
    blocks = _find_blocks(network, widths)
    if pattern in SITE_SETS:
        names = [name for block in blocks for name in _sites_in_block(block, pattern, network, widths)]
    else:
        search, head = _compile(pattern, widths), network.get_output_embeddings()
        names = [name for name in widths if search(name) and network.get_submodule(name) is not head]
    if not names:
        raise LineasError(f"No part of this model matches the sites {short(pattern)!r}. {_list_modules(widths)}")
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
            f"{pattern[:200]!r} is not a pattern that can be searched for ({reason}). {_list_modules(widths)}"
        ) from None
    return search


def _find_blocks(network: nn.Module, widths: Mapping[str, int]) -> list[str]:
    """Names of the decoder blocks: the longest ``ModuleList`` of modules that fire."""
    lists = [
        [f"{name}.{child}" for child, _ in module.named_children() if f"{name}.{child}" in widths]
        for name, module in network.named_modules()
        if isinstance(module, nn.ModuleList)
    ]
    return max(lists, key=len, default=[])


def _sites_in_block(block: str, pattern: str, network: nn.Module, widths: Mapping[str, int]) -> list[str]:
    children = [child for child, _ in network.get_submodule(block).named_children() if f"{block}.{child}" in widths]
    norms = [child for child in children if "norm" in type(network.get_submodule(f"{block}.{child}")).__name__.lower()]
    post = [child for child in norms if child.startswith("post")]
    match pattern:
        case "blocks":
            return [block]
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
