"""`python -m hub` is `rtcc-hub`."""

import sys

from hub.cli import main

sys.exit(main())
