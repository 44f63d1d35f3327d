"""The National Correct Coding Initiative: most units of a code, and pairs of codes that are not paid together.

Warnings with a status, never silent denials.
"""
