"""The National Correct Coding Initiative: most units of a code, and pairs that are not paid together. Warnings, never
silent denials."""
