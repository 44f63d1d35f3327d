"""Use over time, and what a change would do."""
