"""Errors that carry the sentence their reader sees."""


class RuleError(Exception):
    """Tell the user, in Chinese, which rule stands in the way.

    `parameter` names the field or parameter at fault, for forms, commands and the API.
    """

    status = 422

    def __init__(self, sentence: str, *, parameter: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.parameter = parameter


class NotAllowedError(RuleError):
    """The actor may not do this to this object."""

    status = 403


class NotFoundError(RuleError):
    """There is no such object, or the asker may not know of it."""

    status = 404


class StaleError(RuleError):
    """Somebody else changed the object since the page was shown."""

    status = 409


class TooManyError(RuleError):
    """The asker must wait before trying again."""

    status = 429


class SettingsError(RuleError):
    """A setting is missing, malformed or unknown; the start stops."""
