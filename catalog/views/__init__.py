"""The catalog's pages: products, lists, editions and, for the office, the import."""

from flask import Blueprint

bp = Blueprint("catalog", __name__)

from catalog.views import editions, imports, lists, products  # noqa: E402 - they register their pages on `bp`

__all__ = ["bp", "editions", "imports", "lists", "products"]
