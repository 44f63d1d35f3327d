"""Pictures of a survey's measures: each a pure function that gives a Vega-Lite drawing for a page and one for a phone,
a table of the same figures, and the finding in words. `maps`, `categories`, `residuals`, `anchoring`.
"""
