"""Files of tables become rows of text, confined so that a hostile file costs a message."""
