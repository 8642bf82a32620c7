from pathlib import Path

import pytest

from registry import settings
from registry.errors import SettingsError

KEY = {"REGISTRY_SECRET_KEY": "k" * 32}


def test_defaults_when_only_the_key_is_given():
    chosen = settings.load(KEY)

    assert chosen.data_dir == Path("var")
    assert chosen.database.render_as_string() == f"sqlite:///{Path('var').absolute() / 'registry.db'}"
    assert chosen.base_url == "http://127.0.0.1:8000"
    assert chosen.is_demonstration is True


def test_postgresql_address_gets_the_pinned_driver():
    chosen = settings.load({**KEY, "REGISTRY_DATABASE_URL": "postgresql://u:p@db/x"})

    assert chosen.database.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "REGISTRY_SECRET_KEY"),
        ({"REGISTRY_SECRET_KEY": "short"}, "REGISTRY_SECRET_KEY"),
        ({**KEY, "REGISTRY_DATABSE_URL": "sqlite://"}, "REGISTRY_DATABSE_URL"),
        ({**KEY, "REGISTRY_DATABASE_URL": "nonsense"}, "REGISTRY_DATABASE_URL"),
        ({**KEY, "REGISTRY_DATABASE_URL": "mysql://db/x"}, "REGISTRY_DATABASE_URL"),
        ({**KEY, "REGISTRY_BASE_URL": "ftp://x"}, "REGISTRY_BASE_URL"),
        ({**KEY, "REGISTRY_PROXIES": "many"}, "REGISTRY_PROXIES"),
        ({**KEY, "REGISTRY_FONT_FANG": "/nowhere.ttf"}, "REGISTRY_FONT_FANG"),
        ({**KEY, "REGISTRY_MAIL_URL": "http://x"}, "REGISTRY_MAIL_URL"),
    ],
)
def test_a_wrong_setting_stops_the_start_in_one_sentence_that_names_it(environment, name):
    with pytest.raises(SettingsError) as caught:
        settings.load(environment)

    assert caught.value.parameter == name
    assert caught.value.sentence.startswith(f"设置 {name} ")
    assert "\n" not in caught.value.sentence


def test_the_sentence_never_repeats_a_secret():
    with pytest.raises(SettingsError) as caught:
        settings.load({"REGISTRY_SECRET_KEY": "hunter2"})

    assert "hunter2" not in caught.value.sentence


def test_the_footer_shows_what_was_set_and_nothing_else(tmp_path):
    def slots(**more):
        return settings.Settings(secret_key="0" * 64, data_dir=tmp_path, **more).footer_slots

    assert slots() == ()
    assert slots(footer="主办单位：示例单位； 联系方式：示例；") == ("主办单位：示例单位", "联系方式：示例")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("REGISTRY_PROXIES", "-1", "设置 REGISTRY_PROXIES 格式不正确：小于允许的最小值"),
        ("REGISTRY_BACKGROUND", "maybe", "设置 REGISTRY_BACKGROUND 格式不正确：应为 true 或 false"),
        ("REGISTRY_MAIL_FROM", "bad", "设置 REGISTRY_MAIL_FROM 格式不正确：应为邮箱地址"),
    ],
)
def test_a_malformed_setting_is_told_in_chinese(name, value, sentence):
    with pytest.raises(SettingsError) as caught:
        settings.load({**KEY, name: value})

    assert caught.value.sentence == sentence
