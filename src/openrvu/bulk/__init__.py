"""Many lines: a file of claims priced by the same rules, in pieces that fit the memory, with nothing dropped."""
