"""What a served index answers when its folder is deleted."""

import shutil
import threading

import pytest

from registry import hooks
from search import sync
from tests.conftest import application, settings_for, url_of
from tests.factories import Make


@pytest.fixture
def place(tmp_path, fresh_database):
    app = application(settings_for(tmp_path, url_of(fresh_database)), fresh_database)
    sync.catch_up(hooks.Context(fresh_database, app.extensions["registry.settings"], lambda _line: None))
    return app


def total(place):
    return place.test_client().get("/api/v1/products").json["total"]


def delete_index(tmp_path):
    shutil.rmtree(tmp_path / "index")
    sync.engine_at(tmp_path / "index").reader.newest()  # it notices


def test_an_index_deleted_before_it_knew_the_newest_products_is_made_anew_by_the_side(
    place, fresh_database, tmp_path
):
    assert total(place) == 0
    delete_index(tmp_path)
    with fresh_database.transaction() as session:
        Make(session).listing()

    assert total(place) == 0  # nobody waits for it
    for thread in threading.enumerate():
        if thread.name == sync.THREAD:
            thread.join()
    assert total(place) == 1


def test_an_index_deleted_while_it_is_whole_goes_on_answering(place, fresh_database, tmp_path):
    with fresh_database.transaction() as session:
        Make(session).listing()
    sync.catch_up(hooks.Context(fresh_database, place.extensions["registry.settings"], lambda _line: None))
    assert total(place) == 1

    delete_index(tmp_path)

    assert total(place) == 1
    assert not (tmp_path / "index").exists()
