"""The JSON API for scripts: the verbs of the page, by token."""
