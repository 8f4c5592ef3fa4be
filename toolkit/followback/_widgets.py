"""Widgets that can be read where none lives: in an exported page, or without a kernel."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

# Where the widgets live, what stands in for them would say everything twice.
_HIDES = "<style>.jp-OutputArea:has(.widget-vbox) .followback-still{display:none}</style>"


class Readable(widgets.VBox):  # type: ignore[misc]
    """A column of widgets, and the same to read.

    Attributes
    ----------
    still
        What stands in for them, as HTML.
    """

    def __init__(self, children: list[Any], still: str) -> None:
        super().__init__(children)
        self.still = f"<div class='followback-still'>{still}</div>"

    def _ipython_display_(self) -> None:
        """Show both: in an exported page no widget lives."""
        from IPython.display import HTML, display

        display(HTML(self.still + _HIDES))
        display(self._repr_mimebundle_(), raw=True)
