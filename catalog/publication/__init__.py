"""Notices, objections and the publication of editions; the three-firsts support is recorded apart."""

import catalog.publication.permissions  # noqa: F401 - every service here asks for what it names
