"""The published catalog: import and export, editions, buyers, certificates, product pages."""
