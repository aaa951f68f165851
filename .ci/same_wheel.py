"""Fail unless two wheels hold the same files: ``same_wheel.py A.whl B.whl``."""

import sys
import zipfile


def contents(path: str) -> dict[str, bytes]:
    """Return what each file of the wheel holds; a wheel's own RECORD has their hashes."""
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


def main() -> None:
    """Name every file that only one wheel has, or that the two have different."""
    first, second = (contents(path) for path in sys.argv[1:])
    differing = [name for name in first | second if first.get(name) != second.get(name)]
    if differing:
        sys.exit("\n".join([f"{sys.argv[1]} and {sys.argv[2]} differ in:", *sorted(differing)]))
    print(f"both wheels hold the same {len(first)} files")


if __name__ == "__main__":
    main()
