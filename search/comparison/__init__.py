"""Products beside each other: those that are like one, and up to five field by field."""
