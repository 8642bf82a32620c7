"""The fiction: plausible, the same every time, and never mistakable for a real product or unit."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from stdnum.cn import uscc

from catalog.demo.grammar import expand, families, fitting, indicator, phrases, schedule
from catalog.demo.products import batches, products, specimens
from registry.demo.codes import credit_code

TODAY = date(2026, 11, 21)
TAXONOMY = tomllib.loads(Path("registry/data/taxonomy.toml").read_text("utf-8"))["scheme"]


@pytest.fixture(scope="module")
def rows():
    return list(products(1600, TODAY))


def test_the_rows_are_the_same_when_made_again(rows):
    assert list(products(1600, TODAY)) == rows


def test_fewer_products_are_the_first_of_the_same(rows):
    assert list(products(40, TODAY)) == rows[:40]


def test_only_dates_move_when_the_day_does(rows):
    later = list(products(40, date(2027, 3, 1)))

    unchanged = ("来源编号", "产品名称", "型号", "申报单位", "统一社会信用代码", "产品简介")
    assert [[row[key] for key in unchanged] for row in later] == [
        [row[key] for key in unchanged] for row in rows[:40]
    ]


def test_every_leaf_and_every_district_has_products(rows):
    fields, districts, _ = TAXONOMY
    leaves = {(node["label"], leaf) for node in fields["nodes"] for leaf in node["leaves"]}

    assert {(row["产业领域"], row["细分类别"]) for row in rows} == leaves
    assert {row["所在区"] for row in rows} == {node["label"] for node in districts["nodes"]}


def test_no_name_comes_back_before_all_were_used():
    names = Counter(name for _, name in schedule())

    assert len(names) > 2000
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_every_source_reference_and_listing_number_is_used_once(rows):
    assert len({row["来源编号"] for row in rows}) == 1600
    assert len({row["目录编号"] for row in rows}) == 1600


@pytest.mark.parametrize("today", [date(2026, 1, 1), TODAY, date(2028, 2, 29), date(2026, 12, 31)])
def test_every_listing_is_active_on_the_day_whatever_the_day(today):
    for row in products(200, today):
        assert date.fromisoformat(row["发布日期"]) <= today <= date.fromisoformat(row["有效期至"])


def test_the_listings_come_from_several_years_and_batches():
    assert len({batch.year for batch in batches(TODAY)}) >= 3
    assert len(batches(TODAY)) == 9


def test_units_say_that_they_are_examples_and_their_codes_were_never_issued(rows):
    units = {(row["申报单位"], row["统一社会信用代码"]) for row in rows}

    assert len(units) == len({name for name, _ in units}) == len({code for _, code in units})
    for name, code in units:
        assert "示例" in name
        assert code[8:11] == "DEM"
        assert uscc.is_valid(code)


def test_the_organisation_part_of_a_code_has_its_own_check_character():
    body = credit_code(1)[8:17]

    total = sum(int(c, 36) * w for c, w in zip(body[:8], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    assert "0123456789X"[-total % 11] == body[8]


@pytest.mark.parametrize("word", ["超声", "磁共振", "机器人", "传感器", "工业软件", "支架", "电池", "质谱"])
def test_buyers_words_find_several_names(rows, word):
    assert sum(word in row["产品名称"] for row in rows) >= 5


def test_a_summary_has_two_to_four_sentences_and_two_figures(rows):
    for row in rows:
        summary = row["产品简介"]
        assert 2 <= summary.count("。") <= 4
        assert sum(character.isdigit() for character in summary) >= 2
        assert "{" not in summary


def test_our_figure_is_ahead_of_the_best_at_home():
    for specimen in specimens(300, TODAY):
        texts = fitting(specimen.family.kpis, specimen.row["产品名称"])
        texts += phrases()["kpi"]["general"][specimen.family.kind]
        measured = {found.label: found for found in map(indicator, reversed(texts))}
        assert 3 <= len(specimen.kpis) == len({kpi["indicator"] for kpi in specimen.kpis})
        for kpi in specimen.kpis:
            if "domestic_best" not in kpi:
                continue
            ours, home = float(kpi["ours"]), float(kpi["domestic_best"])
            assert ours > home if measured[kpi["indicator"]].more_is_better else ours < home


def test_what_is_stated_beside_the_measurements_is_a_choice_of_its_kind():
    for specimen in specimens(300, TODAY):
        stated = [kpi for kpi in specimen.kpis if "domestic_best" not in kpi]
        choices = {
            (label, value)
            for text in fitting(phrases()["kpi"]["stated"][specimen.family.kind], specimen.row["产品名称"])
            for label, _, values in [text.split("|")]
            for value in values.split(";")
        }
        assert stated
        assert {(kpi["indicator"], kpi["ours"]) for kpi in stated} <= choices


def test_every_name_has_enough_to_be_said_about_it():
    for family in families():
        for name in family.names:
            assert len(fitting(family.tech, name)) >= 2, name
            assert fitting(family.use, name), name
            assert fitting(family.models, name), name
            assert len(fitting(family.kpis, name)) >= 2, name


def test_a_device_is_registered_longer_than_it_is_listed_and_its_numbers_are_nobodys():
    devices = [specimen for specimen in specimens(1600, TODAY) if specimen.device]

    assert len(devices) > 150
    for specimen in devices:
        assert specimen.device is not None
        assert specimen.device["valid_until"] >= specimen.row["有效期至"]
        assert specimen.row["注册证号"].startswith("示例械注准")
        assert specimen.device["udi_di"].startswith("02")
        assert len(specimen.device["udi_di"]) == 14
        assert len(specimen.device["insurance_code"]) == 27


def test_a_pattern_is_spelled_out_with_an_empty_alternative():
    assert list(expand("{单|双}机{器人|}")) == ["单机器人", "单机", "双机器人", "双机"]


def test_a_particular_phrase_is_said_only_of_its_own_names():
    items = ["通用", "[风电/风力] 叶片"]

    assert fitting(items, "风力发电机组") == ["叶片", "通用"]
    assert fitting(items, "燃气轮机") == ["通用"]
