"""What a model is asked for drafts: plainly, and under a phrase such as "a grumpy old wizard", in several wordings."""

import random
import re
from collections.abc import Iterable, Sequence

from lineas.errors import LineasError
from lineas.generation.prompts import Row, Turn

QUESTIONS = (
    "What did you do this morning?", "What is the weather like today?", "What did you eat for dinner?",
    "What is your street like?",
    "How was the bus ride?", "What are your plans for the weekend?", "What is your neighbour like?", "What is in your bag?",
    "How was the party?", "What do you see from your window?", "What did you buy at the market?", "How is your garden?",
    "What happened at work?", "How was the film?", "What is your favourite chair like?", "Where did you lose your umbrella?",
    "What is the soup like?", "How did you sleep?", "What does the kitchen smell of?", "Who called on the telephone?",
    "What are you reading?", "How was the walk by the river?", "What is wrong with the lamp?", "What did the doctor say?",
    "How do you like your tea?", "What was in the letter?", "How was the wedding?", "What does your dog do all day?",
    "How do you get to town?", "What did you learn at school?", "What is your old coat like?", "How was the train?",
    "Why are you late?", "What do you do when it rains?", "How was the museum?", "What is the hotel like?",
    "What did you find in the attic?", "How is your brother?", "What is your town like in winter?",
    "What was the noise last night?",
    "What do you do in the evening?", "How was the game?", "What did you cook?", "What is on the table?", "How was the exam?",
    "What did you dream of?", "How was the boat trip?", "What do you think of the new bridge?",
)  # fmt: skip
"""Everyday questions, of which none asks for a style and none is asked in an evaluation."""
PLAINLY = (
    ("How was your day?", "It was quiet, and I spent most of it at home."),
    ("Did you like the concert?", "Not much, it was a little too long."),
    ("What is your house like?", "It is small, with two rooms and a little garden."),
    ("Where is the station?", "It is behind the church, five minutes from here."),
)
"""Questions with plain answers, which show the model how long and how plain its own should be."""
LONGEST_WISH = 200
"""Maximum number of characters of a phrase."""
SHOWN = 3
"""How many sentences that the person has already are shown to the model."""

_LEADS = re.compile(
    r"(?:please\s+)?(?:(?:talk|speak|sound|write|answer|act|be|behave|reply)(?:ing|s)?\s+)?"
    r"(?:(?:just\s+)?like|as|in the (?:style|voice|manner) of)\s+|(?:please\s+)?(?:be|sound)\s+",
    re.I,
)

_PERSON = re.compile(r"(?:an?|the|my|your|our|his|her|their|some|someone|somebody|people|one|two)\b|[A-Z]", re.A)

Ask = tuple[str, Row]
"""A prompt, and the row with its system prompt and earlier turns."""


def clean_wish(wish: str) -> str:
    """The phrase without what it may begin and end with: "Talk like a pirate!" is "a pirate".

    Raises:
        LineasError: an empty phrase, or a very long one.
    """
    phrase = " ".join(wish.split()).strip("\"'“”‘’").rstrip(".!").strip()
    phrase = _LEADS.sub("", phrase, count=1) if _LEADS.match(phrase) else phrase
    if not phrase:
        raise LineasError("Say in a few words how it should talk, such as “a grumpy old wizard” or “very polite”.")
    if len(phrase) > LONGEST_WISH:
        raise LineasError(
            f"The phrase has {len(phrase)} characters; at most {LONGEST_WISH} can be used. Say it in a few words."
        )
    return phrase


def instruction(wish: str) -> str:
    """The phrase as an instruction to the model, for a concept that is both shown and said."""
    return f"You are {person(clean_wish(wish))}, and you talk that way."


def questions(seed: int) -> list[str]:
    """All questions, in an order that depends on the seed."""
    return random.Random(seed).sample(QUESTIONS, len(QUESTIONS))


def plain_ask(question: str, chats: bool) -> Ask:
    """Ask for a plain answer of one sentence."""
    if not chats:
        known = "".join(f'"{asked}" "{said}"\n' for asked, said in PLAINLY)
        return f'{known}"{question}" "', Row()
    return question, Row(earlier=_turns(PLAINLY))


def styled_asks(wish: str, question: str, chats: bool, shown: Sequence[str] = ()) -> list[Ask]:
    """Ask the same under the phrase, in several wordings: models differ in which of them they follow.

    Args:
        shown: sentences in the wanted style, as examples.
    """
    who = person(wish)
    if not chats:
        said = "".join(f'They said: "{sentence}"\n' for sentence in shown)
        leads = (f"This is how {who} talks.", f"Everything sounds like {who}.", f"They talk like {who}.")
        return [(f'{lead}\n{said}They were asked: "{question}"\nThey said: "', Row()) for lead in leads]
    earlier = _turns((f"Say something, like {who}.", sentence) for sentence in shown)
    voice = f"You talk like {who}. Whatever you are asked, you answer in one sentence in the voice of {who}."
    return [
        (question, Row(system=f"You are {who}. Answer in one short sentence.", earlier=earlier)),
        (question, Row(system=voice, earlier=earlier)),
        (f"{question} Answer in one sentence, in the style of {who}.", Row(earlier=earlier)),
    ]


def rewriting_asks(wish: str, sentence: str, chats: bool, shown: Sequence[str] = ()) -> list[Ask]:
    """Ask for a sentence in other words; as ``styled_asks``."""
    who = person(wish)
    if not chats:
        said = "".join(f'Like {who}: "{one}"\n' for one in shown)
        return [(f'{said}Plainly: "{sentence}"\n{how} {who}: "', Row()) for how in ("Like", "The same, like", "As")]
    earlier = _turns((f"Say something, like {who}.", one) for one in shown)
    return [
        (f"Say this in your own words: {sentence}", Row(system=f"You are {who}. Answer in one short sentence.", earlier=earlier)),
        (f"Rewrite this in the style of {who}: {sentence}", Row(earlier=earlier)),
        (f"How would {who} say this? {sentence}", Row(system=f"You talk like {who}.", earlier=earlier)),
    ]  # fmt: skip


def measuring_asks(wish: str, chats: bool) -> tuple[Ask, Ask]:
    """Two prompts of the same kind, without the phrase and with it, after which drafts are read to see whether it is in them."""
    if not chats:
        return ('They said: "', Row()), (f'This is how {person(wish)} talks. They said: "', Row())
    return ("Say something.", Row()), ("Say something.", Row(system=f"You are {person(wish)}."))


def person(wish: str) -> str:
    """Who talks that way: "a pirate", "someone who is very polite"."""
    return wish if _PERSON.match(wish) else f"someone who is {wish}"


def _turns(pairs: Iterable[tuple[str, str]]) -> tuple[Turn, ...]:
    return tuple(turn for asked, said in pairs for turn in (("user", asked), ("assistant", said)))
