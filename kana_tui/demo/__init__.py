"""The demo: embedded mail servers with living traffic, in a process of their own."""
