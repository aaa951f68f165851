"""Throughput by the number of clients."""

from ....results.document import Results
from ..chart import Chart, Datum, runtimes
from ..parts import RATE, colour, computed, name, number, shape, told

HOW = (
    "Requests answered in a second by so many clients, each of which sends the next request "
    "when its last is answered. Where the line stops growing, more clients only wait for each "
    "other: their latency grows instead."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where no closed loop was measured."""
    data: list[Datum] = []
    for place, row in enumerate(results.rows):
        for load in row.load:
            closed = load.overloaded is None and load.clients
            if closed and load.throughput_per_s:
                data.append(
                    {
                        "row": place,
                        "clients": load.clients,
                        "panel": f"{row.group}, clients are {load.clients_are}",
                        "value": load.throughput_per_s,
                        "latency": load.median_s,
                    }
                )
    if not data:
        return None
    labels = runtimes(results)
    signs = {"color": colour(labels)}
    x = number(
        "clients",
        "clients",
        {"labelExpr": "count(datum.value)", "tickMinStep": 1},
        zero=False,
        nice=False,
        padding=12,
    )
    return Chart(
        key="clients",
        panel="panel",
        title="Throughput by clients",
        how=HOW,
        data=data,
        legend=labels,
        shapes=True,
        spec={
            "height": 180,
            "transform": computed(words="rate(datum.value)", median="seconds(datum.latency)"),
            "encoding": {
                "x": x,
                "y": number("value", "requests per second", RATE, zero=True),
                "color": colour(labels),
                "tooltip": told(
                    runtime="runtime", clients="clients", requests="words", median_latency="median"
                ),
            },
            "layer": [
                {
                    "mark": {"type": "line", "strokeWidth": 1.5},
                    "encoding": {"detail": name("runtime")},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                    "encoding": {"shape": shape(labels), **signs},
                },
            ],
        },
    )
