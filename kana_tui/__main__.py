"""`python -m kana_tui` is `kana-tui`."""

from kana_tui.cli import main

if __name__ == "__main__":
    main()
