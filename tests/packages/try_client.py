#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Installs pinhole-dev on a clean system of this Debian, with a compiler, CMake and
pkg-config and nothing else, builds the example in both ways, and runs it and the
stories of client/test against servers of pinhole-server: try_client.py PACKAGES.
Requires root; client/check and check.py run it."""

import pathlib
import shutil
import sys

from clean_root import ROOT, clean_root, say

TOOLS = ["g++", "make", "cmake", "pkg-config"]

BUILD = r"""
set -eu
cd /src
flags="-std=c++20 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags pinhole)"
for header in /usr/include/pinhole-1/pinhole/*.h; do
  echo "#include \"pinhole/${header##*/}\"" >alone.cc
  g++ $flags -fsyntax-only alone.cc
done
mkdir with-pkg-config
g++ $flags client/example/share_photo.cc $(pkg-config --libs pinhole) \
  -o with-pkg-config/share_photo
cmake -S client/example -B with-cmake
cmake --build with-cmake
"""

BUILD_STORIES = r"""
set -eu
cmake -S /src/client/test -B /src/stories
cmake --build /src/stories
"""

RUN = r"""
cd /src
pinhole-server --data-dir /tmp/data --grpc-listen 127.0.0.1:50051 \
  --http-listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0 >server.out & server=$!
until grep -q ^ready server.out; do
  kill -0 $server
  sleep 0.1
done
for program in with-cmake/share_photo with-pkg-config/share_photo; do
  ./$program 127.0.0.1:50051 "$(dirname $program | tr - .)" 'a long password' plain.jpg |
    grep '^photos/.*  My first photo$'
done
kill -TERM $server
wait $server
PINHOLE_BIN=/usr/bin PINHOLE_TEST_PICTURE=/src/plain.jpg stories/client_stories
"""


def try_client(packages):
    with clean_root() as root:
        source = root.path / "src"
        for folder in ("client/example", "client/test"):
            shutil.copytree(ROOT / folder, source / folder)
        shutil.copy(ROOT / "tests/fixtures/pictures/plain.jpg", source)
        shutil.copytree(packages, root.path / "packages")

        def install(*names):
            root.run("apt-get", "-q", "-y", "install",
                     "--no-install-recommends", *names)

        def package(name):
            [path] = packages.glob(f"{name}_*.deb")
            return f"/packages/{path.name}"

        say("building the example with pinhole-dev")
        root.run("apt-get", "-q", "update")
        install(package("pinhole-dev"), *TOOLS)
        root.run("sh", "-c", BUILD)
        say("building the stories")
        install(package("pinhole-server"), "libgtest-dev")
        root.run("sh", "-c", BUILD_STORIES)
        say("running the example and the stories")
        root.run_alone(RUN, timeout=600)


if __name__ == "__main__":
    try_client(pathlib.Path(sys.argv[1]).resolve())
    say("all is well")
