"""Full-text search over the published catalog; everything here can be rebuilt from the database."""
