"""Readers of CMS's files: one small module a published file, all giving text rows, and the store that they go to.

A reader takes a `Text` (see text.py), finds its columns by the words of the heading, or by CMS's layout where the file
is text in columns (fixed.py), checks every cell, mends what is known to be mendable and says so in `notes`, and refuses
the rest with file, line, column and remedy (errors.BadFile). CPT descriptors are dropped as they are read, but for a
user who asks to keep those of an own license.
"""
