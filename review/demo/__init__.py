"""The review's part of the demonstration: experts and departments, panels and sheets, what the committee decides."""

from review.demo import deciding, judging, people

__all__ = ["deciding", "judging", "people"]
