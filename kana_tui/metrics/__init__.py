"""Metrics for Prometheus: what an engine counts, what the overview shows, and their HTTP server."""
