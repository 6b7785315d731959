"""The screen, drawn line by line with Textual: the board, its panels and dialogs."""
