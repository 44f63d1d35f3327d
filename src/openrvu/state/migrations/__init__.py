"""The steps from one form of the tables to the next, run by Alembic; the file names say in which order."""
