"""How a report is read: words that accuse, and whether it says what the follows leave open.

Crude on purpose, as a reader in a hurry is: it knows words, not what is meant by them.
"""

from __future__ import annotations

import re

_ACCUSING = re.compile(
    r"\b(?:fak(?:e|es|ed|ers?|ing|ery)|bogus|ghosts?|worthless|spam\w*|deceiv\w*|sockpuppets?|rigged|"
    r"manipulat\w*|guilty|not human|phon(?:y|ies)|shams?|fraud\w*|cheat\w*|scam\w*|"
    r"swindl\w*|dishonest\w*|liars?|lied|crook\w*|(?:ro)?bots?|bought|buy(?:s|ing)?|purchas\w*|paid|"
    r"pay(?:s|ing)? for|genuine(?:ly)?|real|(?:in)?authentic\w*|artificial\w*)\b"
)
_NOT = (
    r"(?:can ?not|can't|cant|could not|couldn't|(?:do|does|did) not|(?:do|does|did)n't|nobody can|"
    r"no one can|nothing|none of|no way to|(?:im|not )possible to)"
)
_TELL = (
    r"(?:(?:say|tell|show|know|learn|see|prove|reveal|explain|decide|settle|judge|determine|infer)s?|"
    r"be (?:said|told|shown|known|seen|proved|decided|determined|inferred))"
)
_LEFT_OPEN = re.compile(
    rf"\b{_NOT} (?:\w+ ){{0,3}}?{_TELL}\b|\b{_TELL} (?:\w+ )?nothing\b|\bconsistent with\b|"
    r"\b(?:not |un)(?:known|clear|certain)\b|\bno (?:proof|evidence)\b|"
    rf"\bunable to (?:\w+ )?{_TELL}\b|"
    r"\b(?:leaves?|remains?|stays?|is|are) open\b|"
    r"\bnot in (?:the|this|your|these) (?:data|file|list|follows)\b"
)
_WHETHER = re.compile(r"\b(?:whether|if)\b")


def accusing(text: str) -> str:
    """Return the first word that says more than follows can show; empty if none does.

    Who says that it is open *whether* something is so accuses nobody, of what stands between
    that word and the next comma.

    >>> accusing("Most of them are fakes."), accusing("Whether any was paid I cannot tell.")
    ('fakes', '')
    """
    for part in re.split(r"[.;:!?]|\bbut\b", _plain(text)):
        asked = [] if _LEFT_OPEN.search(part) is None else list(_WHETHER.finditer(part))
        for found in _ACCUSING.finditer(part):
            before = [
                part[word.end() : found.start()] for word in asked if word.end() < found.start()
            ]
            if all("," in between for between in before):
                return found[0]
    return ""


def leaves_open(text: str) -> bool:
    """Return whether a text says that the follows do not show something.

    >>> leaves_open("Why, the data can’t say."), leaves_open("Why? Politeness.")
    (True, False)
    """
    return _LEFT_OPEN.search(_plain(text)) is not None


def figures(text: str) -> set[str]:
    """Return the whole numbers in a text that are not per cent.

    >>> sorted(figures("Of the 1,250 followers 4 to 27, or 10 %, are."))
    ['1250', '27', '4']
    """
    joined = re.sub(r"(?<=\d),(?=\d{3}\b)", "", _plain(text))
    return set(re.findall(r"\b\d+\b(?!\s*(?:%|per ?cent))", joined))


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())
