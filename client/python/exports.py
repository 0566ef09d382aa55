#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints pinhole/v1/__init__.py, which makes the messages, enums and stubs of all
modules available as pinhole.v1.NAME: exports.py DESCRIPTOR_SET.

The descriptor set lists the files of the package, without their imports.
"""

import pathlib
import sys

from google.protobuf import descriptor_pb2


def lines(files):
    yield '"""The messages, enums and stubs of every method of Pinhole."""'
    yield ""
    yield "from typing import TYPE_CHECKING"
    yield ""
    for file in files:
        module = file.name.removesuffix(".proto").replace("/", ".")
        names = [message.name for message in file.message_type]
        for enum in file.enum_type:
            names += [enum.name, *(value.name for value in enum.value)]
        yield from imports(f"{module}_pb2", names)
        yield from imports(f"{module}_pb2_grpc", [f"{service.name}Stub" for service in file.service])
    # Type checkers need another name for a stub that belongs to a channel of
    # grpc.aio; at run time, there is one class.
    yield "if TYPE_CHECKING:"
    for file in files:
        module = file.name.removesuffix(".proto").replace("/", ".")
        for service in file.service:
            for line in imports(f"{module}_pb2_grpc", [f"{service.name}AsyncStub"]):
                yield f"    {line}"


def imports(module, names):
    for name in sorted(names):
        yield f"from {module} import {name} as {name}"


def main():
    described = descriptor_pb2.FileDescriptorSet.FromString(
        pathlib.Path(sys.argv[1]).read_bytes())
    print("\n".join(lines(described.file)))


if __name__ == "__main__":
    main()
