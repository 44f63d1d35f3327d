"""`python -m openrvu` is the command line."""

from openrvu.cli import main

if __name__ == "__main__":
    main()
