"""Tender requirements against products: every verdict is proven by words that a product has published, or unknown."""
