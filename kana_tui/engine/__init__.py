"""The engine: the process that hosts receivers and the rules worker."""
