"""Where things are put together: one file a program."""
