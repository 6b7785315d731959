"""The store's schema, step by step; run by `store.migrate`, never by hand."""
