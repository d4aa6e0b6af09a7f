"""Opens a case file (WACZ) with pywb and prints what it replays for addresses: python replay.py FILE.wacz URL..."""

import json
import logging
import os
import subprocess
import sys
import tempfile

from gevent.monkey import patch_all

patch_all()

from werkzeug.test import Client

case, addresses = os.path.abspath(sys.argv[1]), sys.argv[2:]
os.chdir(tempfile.mkdtemp(prefix="riscontro-pywb-"))
logging.disable(logging.CRITICAL)
manager = os.path.join(os.path.dirname(sys.executable), "wb-manager")
subprocess.run([manager, "init", "case"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([manager, "add", "case", case, "--unpack-wacz"], check=True, stdout=subprocess.DEVNULL)

from pywb.apps.frontendapp import FrontEndApp

client = Client(FrontEndApp())
for address in addresses:
    # `mp_` is the page as a reader sees it, `id_` the bytes as they were received.
    answer = client.get("/case/mp_/" + address)
    if answer.status_code in (302, 307):
        answer = client.get(answer.headers["Location"].split("localhost", 1)[-1].split(":80", 1)[-1])
    bytes_ = client.get("/case/id_/" + address)
    print(json.dumps({
        "url": address,
        "status": answer.status_code,
        "page": answer.get_data().decode("utf-8", "replace"),
        "bytes": bytes_.get_data().decode("utf-8", "replace"),
    }))
sys.stdout.flush()
os._exit(0)
