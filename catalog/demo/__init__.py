"""A demonstration registry: fictitious products, units and people, the same for a given day."""
