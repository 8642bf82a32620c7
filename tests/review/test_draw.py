import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import policy
from review import draw
from review.draw import ANY, Candidate, Rule, TooFewCandidatesError

RULE = Rule(
    size=7,
    least=5,
    seats={"field": 4, "user": 1, "finance": 1},
    per_institution=1,
    relax=("field", "size", "technical", "user", "finance", "size"),
)


def pool_of(*strata, institution=None):
    return [
        Candidate(f"c{number:02}", institution or f"i{number:02}", tuple(kinds))
        for number, kinds in enumerate(strata)
    ]


IN_FIELD = ("field", "technical")
FULL = pool_of(*[IN_FIELD] * 12, *[("technical",)] * 6, *[("user",)] * 4, *[("finance",)] * 4)
SEED = draw.seed("secret", pool=draw.pool_hash(FULL), public_value="271828")


def codes(drawn):
    return [one.code for one in drawn.picked]


# --- the panel ----------------------------------------------------------------------------------------------------


def test_the_shipped_rule_is_one_the_draw_understands():
    assert draw.rule_of(policy.shipped()["review.panel"]["value"]) == RULE


def test_a_panel_has_the_seats_of_the_rule():
    picked = draw.draw(FULL, RULE, SEED).picked

    assert len(picked) == 7
    assert sum("field" in one.strata for one in picked) >= 4
    assert sum("user" in one.strata for one in picked) >= 1
    assert sum("finance" in one.strata for one in picked) >= 1


def test_the_same_seed_gives_the_same_panel_whatever_the_order_of_the_pool():
    assert draw.draw(FULL[::-1], RULE, SEED) == draw.draw(FULL, RULE, SEED)


def test_another_public_value_gives_another_sequence():
    other = draw.seed("secret", pool=draw.pool_hash(FULL), public_value="271829")

    assert draw.sequence(FULL, other) != draw.sequence(FULL, SEED)


def test_the_sequence_holds_everybody_who_is_not_excluded_once():
    pool = [*FULL, Candidate("x", "i99", IN_FIELD, exclusion="same_unit")]

    assert sorted(one.code for one in draw.sequence(pool, SEED)) == [one.code for one in FULL]


def test_one_institution_never_gets_two_seats():
    pool = [
        *pool_of(*[IN_FIELD] * 6, institution="one"),
        *[Candidate(f"d{n}", f"i{n}", IN_FIELD) for n in range(4)],
    ]
    rule = Rule(size=5, least=5, seats={"field": 4}, per_institution=1)

    picked = draw.draw(pool, rule, SEED).picked

    assert len({one.institution for one in picked}) == 5


def test_a_seat_is_opened_and_counted_when_the_field_has_too_few():
    pool = pool_of(*[IN_FIELD] * 2, *[("technical",)] * 6, ("user",), ("finance",))

    drawn = draw.draw(pool, RULE, SEED)

    assert len(drawn.picked) == 7
    assert drawn.relaxed == {"field": 2}


def test_a_smaller_panel_is_drawn_down_to_the_least():
    pool = pool_of(*[IN_FIELD] * 4, ("user",), ("finance",))

    drawn = draw.draw(pool, RULE, SEED)

    assert (len(drawn.picked), drawn.relaxed["size"]) == (6, 1)


def test_no_panel_is_drawn_when_the_pool_is_below_the_least():
    with pytest.raises(TooFewCandidatesError):
        draw.draw(pool_of(*[IN_FIELD] * 4), RULE, SEED)


def test_who_drops_out_is_followed_from_the_same_sequence():
    first = draw.draw(FULL, RULE, SEED)
    gone, *kept = codes(first)

    second = draw.draw(FULL, RULE, SEED, kept=kept, spent=[gone])

    assert len(second.picked) == 1
    assert second.picked[0].code not in {gone, *kept}
    assert draw.draw(FULL, RULE, SEED, kept=[*kept, second.picked[0].code], spent=[gone]).picked == ()


# --- against brute force ------------------------------------------------------------------------------------------

KINDS = (IN_FIELD, ("technical",), ("user",), ("finance",))
pools = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 4)), min_size=1, max_size=9).map(
    lambda rows: [Candidate(f"c{n}", f"i{place}", kinds) for n, (kinds, place) in enumerate(rows)]
)
rules = st.builds(
    Rule,
    size=st.integers(3, 5),
    least=st.just(3),
    seats=st.sampled_from(({"field": 2, "user": 1}, {"field": 1, "finance": 1}, {"user": 1}, {})),
    per_institution=st.integers(1, 2),
    relax=st.just(("size",)),
)


def fits(members, rule):
    """Try every way of seating the members."""
    places = [one.institution for one in members]
    if any(places.count(place) > rule.per_institution for place in places):
        return False
    seats = [kind for kind, count in rule.seats.items() for _ in range(count)]
    seats += [ANY] * (len(members) - len(seats))
    return len(seats) == len(members) and any(
        all(seat == ANY or seat in one.strata for seat, one in zip(seats, way, strict=True))
        for way in itertools.permutations(members)
    )


@given(pools, rules)
def test_the_panel_is_the_first_of_the_sequence_that_fits(pool, rule):
    order = draw.sequence(pool, SEED)
    lengths = range(rule.size, max(rule.least, sum(rule.seats.values())) - 1, -1)
    expected = next(
        (
            list(members)
            for length in lengths
            for members in itertools.combinations(order, length)
            if fits(members, rule)
        ),
        None,
    )

    try:
        found = list(draw.draw(pool, rule, SEED).picked)
    except TooFewCandidatesError:
        found = None

    assert found == expected


# --- the proof ----------------------------------------------------------------------------------------------------


def proof():
    first = draw.draw(FULL, RULE, SEED)
    gone, *kept = codes(first)
    second = draw.draw(FULL, RULE, SEED, kept=kept, spent=[gone])
    return {
        "pool": [
            {"code": one.code, "institution": one.institution, "strata": list(one.strata), "exclusion": None}
            for one in FULL
        ],
        "pool_hash": draw.pool_hash(FULL),
        "secret": "secret",
        "commitment": draw.commitment("secret"),
        "public_value": "271828",
        "rule": policy.shipped()["review.panel"]["value"],
        "steps": [
            {"kept": [], "spent": [], "picked": codes(first)},
            {"kept": kept, "spent": [gone], "picked": codes(second)},
        ],
    }


def test_a_proof_can_be_replayed():
    assert draw.replay(proof()) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda told: told["pool"].pop(), "the pool is not the one whose hash was made public"),
        (
            lambda told: told.update(commitment="0" * 64),
            "the secret is not the one that was committed to",
        ),
        (lambda told: told["steps"][0]["picked"].reverse(), "step 1 picks others"),
        (lambda told: told["steps"][1].update(picked=["c00"]), "step 2 picks others"),
        (lambda told: told.update(public_value="1"), "step 1 picks others"),
    ],
)
def test_a_proof_that_was_changed_is_found_out(change, found):
    told = proof()
    change(told)

    assert found in draw.replay(told)
