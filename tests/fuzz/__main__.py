"""``python -m tests.fuzz``, from the repository's root."""

from .driver import main

if __name__ == "__main__":
    main()
