"""Makes privacyIDEA's tokens, named as wrk asks for them: tokens.py SEED THREADS EACH."""

import sys

from privacyidea.app import create_app
from privacyidea.lib.token import init_token

seed, threads, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
app = create_app(config_name="production", config_file=__file__.replace("tokens.py", "privacyidea.cfg"), silent=True)
with app.app_context():
    for thread in range(threads):
        for number in range(1, each + 1):
            init_token({
                "type": "totp", "serial": f"load-{thread}-{number}", "otpkey": seed, "otplen": 8,
                "hashlib": "sha256", "timeStep": 30,
            })
