"""Put the packages together. The only module that knows them all."""

import gc
import sys

from flask import Flask

import catalog.api
import catalog.buyers
import catalog.certificates.api
import catalog.certificates.batches.demo
import catalog.certificates.batches.issuing
import catalog.certificates.batches.views
import catalog.certificates.batches.work
import catalog.certificates.cli
import catalog.certificates.doctor
import catalog.certificates.files
import catalog.certificates.fonts
import catalog.certificates.views
import catalog.cli
import catalog.demo.loading
import catalog.expiry
import catalog.naming
import catalog.publication.demo
import catalog.publication.exceptions
import catalog.publication.views
import catalog.publication.work
import catalog.shortlists.views
import catalog.views
import registry.api
import registry.cli
import registry.demo.playing
import registry.mail
import registry.organizations.work
import registry.views
import review.checks
import review.cli
import review.committee.views
import review.committee.work
import review.demo
import review.exceptions
import review.views
import review.work
import search.api
import search.cli
import search.comparison.views
import search.requirements.views
import search.sync
import search.synonyms.views
import search.synonyms.work
import search.usage.saved
import search.usage.tally
import search.usage.views
import search.views
from catalog.certificates.fonts import RenderingError
from registry import settings, web, worker
from registry.errors import SettingsError

SWITCH_SECONDS = 0.001  # a request gives way to the thread that reads a new index dozens of times, Python's 5 ms each add up
BLUEPRINTS = (
    registry.views.bp,
    registry.api.bp,
    catalog.views.bp,
    catalog.api.bp,
    catalog.certificates.views.bp,
    catalog.certificates.batches.views.bp,
    catalog.shortlists.views.bp,
    catalog.publication.views.bp,
    review.views.bp,
    review.committee.views.bp,
    search.views.bp,
    search.comparison.views.bp,
    search.requirements.views.bp,
    search.synonyms.views.bp,
    search.usage.views.bp,
    search.api.bp,
)
COMMANDS = (registry.cli.group, catalog.cli.group, review.cli.group, search.cli.group)
LISTENERS = (
    registry.demo.playing,
    registry.mail,
    registry.organizations.work,
    catalog.buyers,
    catalog.certificates.batches.demo,
    catalog.certificates.batches.issuing,
    catalog.certificates.batches.work,
    catalog.certificates.doctor,
    catalog.certificates.files,
    catalog.demo.loading,
    catalog.publication.demo,
    catalog.publication.exceptions,
    catalog.publication.work,
    review.checks,
    review.demo,
    review.exceptions,
    review.work,
    review.committee.work,
    catalog.expiry,
    catalog.naming,
    search.sync,
    search.synonyms.work,
    search.usage.saved,
    search.usage.tally,
)  # imported for what they register
EXIT_SETTINGS = 3  # gunicorn's "worker failed to boot": its master stops instead of trying for ever


def create_app(chosen: settings.Settings | None = None) -> Flask:
    """Return the application; settings come from the environment unless they are handed over.

    A missing or malformed setting, or a missing system library, stops the start with one sentence.
    """
    try:
        app = Flask(__name__)
        chosen = chosen or settings.load()
        catalog.certificates.fonts.check_rendering(chosen)
        web.prepare(app, chosen)
    except (SettingsError, RenderingError) as problem:
        print(problem.sentence, file=sys.stderr)
        raise SystemExit(EXIT_SETTINGS) from None
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for group in COMMANDS:
        app.cli.add_command(group)
    web.check_guards(app)
    worker.start_in_background(app)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # all this lives as long as the process: looking through it again takes a tenth of a second of some request
    return app
