#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the file options that generators for other languages read into the
protos: proto/file_options.py [--check].

Protobuf has no variables, so each file must repeat these options. This file is
the only place where they are defined; change it here and run it. With --check it
changes nothing, prints the files that differ, and fails if there are any.
"""

import pathlib
import re
import sys

# The owner of the names. The domain is reserved (RFC 2606), so nobody can
# publish other code under it. A distributor who publishes generated code uses
# their own.
DOMAIN = "pinhole.example"

OPTIONS = {
    "csharp_namespace": "Pinhole.V1",
    "go_package": f"{DOMAIN}/go/pinholev1;pinholev1",
    "java_multiple_files": True,
    "java_outer_classname": "{file}Proto",
    "java_package": ".".join(reversed(DOMAIN.split("."))) + ".v1",
    "objc_class_prefix": "PHL",
    "php_namespace": r"Pinhole\\V1",
    "ruby_package": "Pinhole::V1",
    "swift_prefix": "Pinhole",
}

FOLDER = pathlib.Path(__file__).parent / "pinhole" / "v1"


def with_options(text, stem):
    """The proto `text` with the options after its imports."""
    java_name = "".join(word.capitalize() for word in stem.split("_"))
    lines = [
        f"option {name} = {'true' if value is True else repr_of(value, java_name)};"
        for name, value in OPTIONS.items()
    ]
    without = re.sub(r"\n(option \w+ = [^\n]+;\n)+", "", text)
    end = list(re.finditer(r'^import "[^"]+";\n', without, re.MULTILINE))[-1].end()
    return without[:end] + "\n" + "\n".join(lines) + "\n" + without[end:]


def repr_of(value, java_name):
    return '"' + value.format(file=java_name) + '"'


def main(arguments):
    if arguments not in ([], ["--check"]):
        print("usage: proto/file_options.py [--check]", file=sys.stderr)
        return 2
    different = []
    for path in sorted(FOLDER.glob("*.proto")):
        before = path.read_text()
        after = with_options(before, path.stem)
        if after == before:
            continue
        different.append(path)
        if not arguments:
            path.write_text(after)
    if not arguments:
        return 0
    for path in different:
        print(f"{path}: the file options differ; run proto/file_options.py")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
