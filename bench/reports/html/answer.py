"""The answer in words: one sentence for each model and shape."""

from ...results.conclusion import Conclusion
from ...results.document import Results
from .markup import Markup, element, joined, unbroken

OPEN = 12
"""Up to so many answers stand open; of more, those of a model can be opened together."""


def answer_section(results: Results) -> Markup:
    """Return the conclusions, those of a model together."""
    told = element("ul", *(element("li", *unbroken(each.text)) for each in results.releases))
    after = [told] if results.releases else []
    models = {row.group: row.model for row in results.rows}
    places = {row.group: place for place, row in reversed([*enumerate(results.rows)])}
    by_model: dict[str, list[Markup]] = {}
    for found in results.conclusions:
        answer = _answer(found, places[found.group])
        by_model.setdefault(models[found.group], []).append(answer)
    if len(results.conclusions) <= OPEN:
        every = [answer for answers in by_model.values() for answer in answers]
        return joined(element("ul", *every, class_="answers"), *after)
    parts = [
        element(
            "details",
            element("summary", f"{model} ({len(answers)})"),
            element("ul", *answers, class_="answers"),
            open="open" if place == 0 else None,
        )
        for place, (model, answers) in enumerate(by_model.items())
    ]
    return joined(*parts, *after)


def _answer(found: Conclusion, place: int) -> Markup:
    sentence = found.text.removeprefix(f"{found.group}: ")
    return element(
        "li",
        element("strong", found.group),
        element("span", *unbroken(sentence)),
        class_=found.state,
        data_group=place,
    )
