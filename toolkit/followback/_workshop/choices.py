"""A question with answers to click on; the same question to read where nothing can be clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

if TYPE_CHECKING:
    from ..workshop import Result

# Where the buttons live, the list that stands in for them would say everything twice.
_HIDES = "<style>.jp-OutputArea:has(.widget-radio-box) .followback-still{display:none}</style>"


class Choice(widgets.VBox):  # type: ignore[misc]
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
        buttons = widgets.RadioButtons(options=named, value=None, layout={"width": "max-content"})
        told = widgets.HTML()
        super().__init__([widgets.HTML(f"<b>{escape(asks)}</b>"), buttons, told])
        self.asks, self.options, self.judge = asks, options, judge
        self.buttons, self.told = buttons, told
        buttons.observe(self._say, names="value")

    @property
    def still(self) -> str:
        """The question and its answers as a list to tick."""
        items = "".join(f"<li>☐ {escape(str(option))}</li>" for option in self.options)
        return (
            f"<div class='followback-still'><p><b>{escape(self.asks)}</b></p>"
            f"<ul style='list-style:none'>{items}</ul></div>"
        )

    def _say(self, change: Any) -> None:
        self.told.value = self.judge(change["new"])._repr_html_()

    def _ipython_display_(self) -> None:
        """Show the list as well: in an exported page no button lives."""
        from IPython.display import HTML, display

        display(HTML(self.still + _HIDES))
        display(self._repr_mimebundle_(), raw=True)
