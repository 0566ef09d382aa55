#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a test program beside a private S3 server: with_s3.py PROGRAM [ARG]...

The program finds the server in the environment. Without SeaweedFS, it runs
without a server and skips the tests that need one.
"""

import os
import subprocess
import sys

import s3_server


def main():
    if not s3_server.available():
        return subprocess.run(sys.argv[1:], check=False).returncode
    with s3_server.running() as endpoint:
        environment = {**os.environ, **s3_server.KEYS,
                       "PINHOLE_TEST_S3": endpoint}
        return subprocess.run(sys.argv[1:], env=environment,
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
