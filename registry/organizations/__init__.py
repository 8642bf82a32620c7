"""Units: how they register, who belongs to them, and what they ask of the office."""
