"""Whether a text can be shown to a family: the English word list of better-profanity, without words that everybody uses."""

from functools import cache
from typing import Any

HARMLESS = (
    "cowgirl cowgirls dink dong dopey drunk dummy erect facial fat flange floozy foobar gay gays god gods hebe hemp "
    "hiv homey hooch hump humped jerk jerked junkie kill kills knob len leper lesbian lesbians loin loins mams "
    "menses muff murder napalm nappy nimrod ninny nob omg opium oral orally organ ovary ovum ovums paddy pastie "
    "pasty pawn pee pot potty prig prude punky queer racy rectum reich revue rum rump sandbar screw screwed scum "
    "seaman seamen slave slope snatch sniper snuff soused steamy stoned strip stroke stupid teat thrust thug tinkle "
    "toots tramp trashy tush ugly undies unwed urinal urine uterus vixen vodka vomit vulgar wad wazoo wedgie weed "
    "weirdo wench whiz willies willy womb woody "
).split()
"""Words of the list that say nothing against a text: pirates drink rum."""


@cache
def _list() -> Any:
    from better_profanity import Profanity

    words = Profanity()
    words.load_censor_words(whitelist_words=HARMLESS)
    return words


def is_family_safe(text: str) -> bool:
    return not _list().contains_profanity(text)
