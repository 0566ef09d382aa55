# SPDX-License-Identifier: Apache-2.0
"""Registers, shares a photo and prints the feed:
share_photo.py HOST:PORT HANDLE PASSWORD FILE
"""

import sys

from pinhole import Client, Error

try:
    target, handle, password, file = sys.argv[1:]
except ValueError:
    sys.exit("usage: share_photo.py HOST:PORT HANDLE PASSWORD FILE")
try:
    with Client(target) as client:
        client.register(handle, password)
        client.login(handle, password)
        client.upload_photo(file, caption="My first photo")
        for photo in client.feed(limit=10):
            print(f"{photo.name}  {photo.caption}")
except (Error, OSError) as error:
    sys.exit(str(error))
