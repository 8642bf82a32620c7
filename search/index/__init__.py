"""The index on disk: Whoosh's, with postings in a codec of ours, written in bulk and read into arrays."""

from __future__ import annotations


class IndexMissingError(Exception):
    """There is no usable index here; the caller rebuilds it from the database."""


class IndexBusyError(Exception):
    """Another process is writing the index and did not finish in time."""
