"""What `make bench` measures: ratios within one run, against peers and against ourselves."""
