"""The store: everything that lasts, and the only place that speaks SQL.

Nothing here imports SQLAlchemy until a submodule that needs it is imported:
what must start quickly reads by `store.quick`, all else by `store.open`.
"""
