"""``python -m crawler``: the same as ``warraq``."""

import sys

from crawler.cli import main

sys.exit(main())
