"""Words that announce an exchange of follows or likes, in several languages.

A match is evidence that somebody spoke of an exchange, never proof that one took
place: people warn of such threads, quote them and joke about them.

The terms are ours, written from common usage; each stands with its language (ISO
639-1, ``und`` for tags used everywhere) and the exchange it announces.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class Term(NamedTuple):
    """One way to announce an exchange."""

    pattern: str
    language: str
    exchange: str  # follows, likes, subscribers or any


class Announcement(NamedTuple):
    """A place in a text that announces an exchange."""

    text: str
    language: str
    exchange: str


TERMS = (
    Term(r"#?team ?follow ?back", "und", "follows"),
    Term(r"#?follow ?4 ?follow", "und", "follows"),
    Term(r"#?f4f", "und", "follows"),
    Term(r"#?fb4fb", "und", "follows"),
    Term(r"#?follow ?train", "und", "follows"),
    Term(r"#?gain ?(train|with)\w*", "und", "follows"),
    Term(r"#?l4l", "und", "likes"),
    Term(r"#?like ?4 ?like", "und", "likes"),
    Term(r"#?s4s", "und", "any"),
    Term(r"#?sub ?4 ?sub", "und", "subscribers"),
    Term(r"i('ll| always| will)? follow ?back", "en", "follows"),
    Term(r"follow (me|us) (and|&) (i|we)('ll| will)? follow (you )?back", "en", "follows"),
    Term(r"follow for follow", "en", "follows"),
    Term(r"like for like", "en", "likes"),
    Term(r"mutual (follows?|following)( thread)?", "en", "follows"),
    Term(r"mutual likes?( thread)?", "en", "likes"),
    Term(r"like my page (and|&) i('ll| will)? like yours", "en", "likes"),
    Term(r"drop your (link|page|profile|handle)s?", "en", "any"),
    Term(r"ich folge (immer )?zurück", "de", "follows"),
    Term(r"folge mir,? (und )?ich folge (dir|zurück)", "de", "follows"),
    Term(r"gegenseitig(es)? folgen", "de", "follows"),
    Term(r"gegenseitig(es)? liken", "de", "likes"),
    Term(r"(te )?sigo de vuelta|te devuelvo el follow|sígueme y te sigo", "es", "follows"),
    Term(r"like por like|me gusta por me gusta", "es", "likes"),
    Term(r"#?sdv", "pt", "follows"),
    Term(r"sigo de volta|me segue que (eu )?(te )?sigo", "pt", "follows"),
    Term(r"curtida por curtida", "pt", "likes"),
    Term(r"je (te )?follow back|abonnement(s)? mutuel(s)?|je te suis en retour", "fr", "follows"),
    Term(r"like contre like", "fr", "likes"),
    Term(r"ricambio (il )?follow|seguimi e ti seguo|ti seguo se mi segui", "it", "follows"),
    Term(r"like per like", "it", "likes"),
    Term(r"karşılıklı takip(leşme)?|#?gt ?yapılır|geri takip", "tr", "follows"),
    Term(r"karşılıklı beğeni", "tr", "likes"),
    Term(r"saling follow|folbek|follback|jfb", "id", "follows"),
    Term(r"相互フォロー|フォロバ(100%?)?|フォロー返し", "ja", "follows"),
    Term(r"взаимн(ая|ую|ые|ый) подписк[аиу]|взаимный фолловинг|взаимка", "ru", "follows"),
    Term(r"взаимные лайки|лайк за лайк", "ru", "likes"),
    Term(r"متابعة متبادلة|فولو باك|تابعني (و)?أتابعك", "ar", "follows"),
    Term(r"互粉|互关", "zh", "follows"),
    Term(r"互赞", "zh", "likes"),
    Term(r"맞팔", "ko", "follows"),
)

_COMPILED = tuple(
    (re.compile(rf"(?<![\w#]){term.pattern}(?!\w)", re.IGNORECASE), term)
    if term.language not in ("ja", "zh", "ko")
    else (re.compile(term.pattern), term)
    for term in TERMS
)


def announces(text: str) -> list[Announcement]:
    """Find the places in a text that announce an exchange of follows or likes.

    Case, width of letters and typographic apostrophes do not matter. Of matches that
    overlap the first and longest stays.

    Parameters
    ----------
    text
        A thread's title, a bio, a tag.

    Returns
    -------
    list of Announcement
        In the order of the text; empty where nothing announces one.

    Examples
    --------
    >>> [found.text for found in announces("Mutual likes thread! #TeamFollowBack")]
    ['Mutual likes thread', '#TeamFollowBack']
    >>> announces("I like following the news")
    []
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    found = [
        (match.start(), -match.end(), Announcement(match.group(), term.language, term.exchange))
        for pattern, term in _COMPILED
        for match in pattern.finditer(plain)
    ]
    kept, end = [], 0
    for start, minus_stop, announcement in sorted(found):
        if start >= end:
            kept.append(announcement)
            end = -minus_stop
    return kept
