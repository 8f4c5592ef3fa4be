"""A question with answers to click on; the same question to read where nothing can be clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from .._widgets import Readable

if TYPE_CHECKING:
    from ..workshop import Result


# A label is one line high and cut off where it is longer, unless told to wrap.
_WRAPS = (
    "<style>.followback-choice .widget-radio-box label{display:flex;flex-direction:row-reverse;"
    "justify-content:flex-end;height:auto;white-space:normal}</style>"
)


class Choice(Readable):
    """A question and its answers; every click is judged at once.

    Attributes
    ----------
    asks
        The question in words.
    options
        The answers on offer.
    judge
        From an answer: what the check says to it.
    buttons
        Its ``value`` is what was chosen, None before.
    told
        Holds what was said to it.
    """

    def __init__(self, asks: str, options: Sequence[Any], judge: Callable[[Any], Result]) -> None:
        named = [(str(option), option) for option in options]
        buttons = widgets.RadioButtons(options=named, value=None, layout={"width": "auto"})
        buttons.add_class("followback-choice")
        told = widgets.HTML()
        items = "".join(f"<li>☐ {escape(name)}</li>" for name, _ in named)
        question = f"<b>{escape(asks)}</b>"
        still = f"<p>{question}</p><ul style='list-style:none'>{items}</ul>"
        super().__init__([widgets.HTML(question + _WRAPS), buttons, told], still)
        self.asks, self.options, self.judge = asks, options, judge
        self.buttons, self.told = buttons, told
        buttons.observe(self._say, names="value")

    def _say(self, change: Any) -> None:
        self.told.value = self.judge(change["new"])._repr_html_()
