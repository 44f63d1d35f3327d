"""What a page about codes shows: one code's card, several side by side, one through the releases."""
