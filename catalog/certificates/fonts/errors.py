"""Why nothing can be printed."""

from registry.errors import RuleError


class RenderingError(RuleError):
    """This machine cannot print certificates: a library or a font is missing."""

    status = 503


class NoGlyphError(RuleError):
    """A certificate holds characters that no font here can print."""
