"""inkbatch: a spreadsheet of people becomes phone calls by an AI agent, never twice by accident.

`from inkbatch import frames` gives an analyst what came of a campaign.
"""
