"""What begins with or holds what was typed, the closest first."""

from hypothesis import example, given
from hypothesis import strategies as st

from search.index.texts import Lines

TEXTS = st.lists(st.text("超声a \n", min_size=1, max_size=6), unique=True, max_size=12)


@given(texts=TEXTS, typed=st.text("超声a ", min_size=1, max_size=3))
@example(texts=[], typed="超")
@example(texts=["声超", "超声", "超", "声超声"], typed="超")
def test_the_lines_that_hold_a_text_come_as_if_each_were_looked_at(texts: list[str], typed: str) -> None:
    lines = Lines({text: place for place, text in enumerate(texts)})

    holding = [place for place, text in enumerate(texts) if typed in text.replace("\n", " ")]
    holding.sort(key=lambda place: (not texts[place].replace("\n", " ").startswith(typed), len(texts[place])))
    assert list(lines.holding(typed)) == holding


def test_a_name_is_suggested_once_by_the_product_that_bore_it_first(engine, document) -> None:
    built = engine(
        [
            document("超声仪", code="P000009"),
            document("呼吸机", code="P000005"),
            document("超声仪", code="P000002"),
        ]
    )

    assert [(each.text, each.code) for each in built.suggest("超")] == [("超声仪", "P000002")]
