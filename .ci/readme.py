"""Print the README's shell commands, one fenced ``sh`` block after the other, as a script."""

import re
import sys
from pathlib import Path

text = Path("README.md").read_text()
blocks = re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
if not blocks:
    sys.exit("README.md has no sh block")
print("set -euxo pipefail")
print("\n".join(blocks))
