"""The committee: departments that give opinions by letter or vote in a meeting, and what their chair decides."""

import review.committee.permissions  # noqa: F401 - every service here asks for what it names
