"""Code knowledge: what a code is, what it is confused with, whether it is covered, what is known of it."""
