"""Code knowledge: what a code is, what it is confused with, whether it is covered, and how it compares over time."""
