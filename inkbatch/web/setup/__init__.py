"""The settings of a campaign as a form over its file."""
