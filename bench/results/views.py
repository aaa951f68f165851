"""How results show themselves in a notebook."""

import importlib


class Shown:
    """What a notebook shows as the report does: its answer and its table.

    Results know no report, so the view is looked up only when a notebook asks for it.
    """

    def _repr_html_(self) -> str:
        views = importlib.import_module("..reports.html.notebook", __package__)
        shown: str = views.view(self)
        return shown
