"""``python -m crawler``: the same as ``warraq``."""

import sys

from crawler.cli import main

if __name__ == "__main__":  # processes that are started from here import this module too
    sys.exit(main())
