"""`python -m spiders.cli` is `footnotary`."""

import sys

from spiders.cli import main

sys.exit(main())
