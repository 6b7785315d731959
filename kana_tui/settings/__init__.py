"""config.xml: what it may say, reading it, writing it back, and where things lie."""
