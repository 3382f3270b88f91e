"""The rules of calling: standard library only, no I/O, `now` is an argument."""
