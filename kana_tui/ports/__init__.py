"""What the use cases need from the outside world, a Protocol per aggregate or capability."""
