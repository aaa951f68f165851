"""A command whose help lists its options under headings, and examples after them."""

from collections.abc import Mapping, Sequence
from typing import Any

import click


class SectionedCommand(click.Command):
    """A click command with ``sections`` (heading to options) and ``examples`` (what and how)."""

    def __init__(
        self,
        *arguments: Any,
        sections: Mapping[str, Sequence[str]],
        examples: Mapping[str, str],
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self.sections = sections
        self.examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section; options that none names come last, under a heading of their own."""
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        left = {max(each.opts, key=len): each for each in options}
        for title, names in self.sections.items():
            _write(ctx, formatter, title, [left.pop(name) for name in names])
        _write(ctx, formatter, "Other", list(left.values()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each under what it does."""
        with formatter.section("Examples"):
            for what, how in self.examples.items():
                formatter.write(f"{'':>{formatter.current_indent}}# {what}\n")
                formatter.write(f"{'':>{formatter.current_indent}}{how}\n")


def _write(
    ctx: click.Context,
    formatter: click.HelpFormatter,
    title: str,
    options: Sequence[click.Option],
) -> None:
    records = [record for each in options if (record := each.get_help_record(ctx))]
    if records:
        with formatter.section(title):
            formatter.write_dl(records)
