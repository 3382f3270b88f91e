"""`python -m inkbatch` is the same as `inkbatch`."""

from inkbatch.cli import main

if __name__ == "__main__":
    main()
