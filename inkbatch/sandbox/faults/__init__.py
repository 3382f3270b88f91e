"""Faults to order: what a network, a gateway or the platform itself does at its worst.

`orders` says what there is, `reading` reads a file of it, `book` counts and decides, `wire` does it
to requests and `control` is `/sandbox/faults`.
"""
