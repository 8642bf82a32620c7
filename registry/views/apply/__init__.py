"""The applicant's pages."""

from registry.views.apply import form, moves, pages

__all__ = ["form", "moves", "pages"]
