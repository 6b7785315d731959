"""The rules of the product: pure, without I/O, clock or concurrency."""
