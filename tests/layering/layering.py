#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Finds drift from the plan of the house in #include lines, in the link lists
of CMake and in a few words that belong to one file only.

Usage: layering.py [ROOT]. Prints one line for each violation; any fails.
"""

import pathlib
import re
import sys

# What the files of a room may include of ours, by prefix of the include path.
# The longest matching room counts; its own files always may.
MAY_INCLUDE = {
    "base": [],
    "server/model": ["base"],
    "server/store": ["base", "server/model"],
    "server/media": ["base", "server/model"],
    "server/decoder": ["base", "server/model", "server/media"],
    "server/auth": ["base", "server/model"],
    # Metrics observe calls and read what the store and the domain count.
    "server/metrics": ["base", "server/model", "server/rpc", "server/domain",
                       "server/media", "server/store"],
    "server/domain": ["base", "server/model", "server/store", "server/media",
                      "server/auth"],
    "server/rpc": ["base", "server/model", "server/domain", "pinhole/v1"],
    "server/app": ["base", "server", "gateway", "client/web", "pinhole/v1"],
    "gateway": ["base", "pinhole/v1"],
    "gateway/main.cc": ["base", "gateway", "client/web"],
    # "pinhole/" is the client's public folder, client/include/pinhole.
    "client/include": ["pinhole"],
    "client/src": ["pinhole"],
    "client/cli": ["base", "pinhole", "client/lab"],
    "client/example": ["pinhole"],
    "client/test": ["pinhole"],
    "client/lab": ["base", "pinhole"],
    "client/web": ["base"],
}

# Which of our targets a folder's CMakeLists.txt may link, besides its own.
MAY_LINK = {
    "base": ["base"],
    "server/store": ["base"],
    "server/store/queue": ["base", "store", "store_queue"],
    "server/store/sqlite": ["base", "store", "store_queue"],
    "server/store/postgres": ["base", "store", "store_queue"],
    "server/media": ["base"],
    "server/media/s3": ["base", "media"],
    "server/auth": ["base"],
    "server/metrics": ["base", "domain", "media", "rpc", "store"],
    "server/domain": ["base", "store", "media", "auth"],
    "server/rpc": ["base", "domain", "proto"],
    "gateway": ["base", "proto"],
    "client": ["base", "proto", "client", "cli"],
}

# A library or a word, and the only places it may appear in. A place is a
# folder, or the beginning of a file's path.
ONLY_IN = [
    (r'#include [<"](SQLiteCpp/|sqlite3\.h)', ["server/store/sqlite/"],
     "SQL stays in the SQLite store"),
    (r'#include [<"]libpq', ["server/store/postgres/db/"],
     "one folder wraps libpq"),
    (r'#include [<"](vips|jpeglib|libheif)', ["server/media/decode/",
                                               "client/cli/"],
     "pictures are read by decoders"),
    (r'#include [<"]seccomp', ["server/decoder/sandbox."],
     "one file confines decoders"),
    (r'#include [<"]curl/', ["server/media/s3/connection."],
     "one file wraps libcurl"),
    (r'#include [<"]sodium', ["server/auth/"], "cryptography stays in auth"),
    (r'#include [<"]unicode/', ["server/domain/text/unicode."],
     "one file asks ICU about characters"),
    (r'#include [<"]boost/(beast|asio)',
     ["gateway/", "client/lab/load/http_transport."],
     "HTTP is the gateway's, and one transport of the lab's"),
    (r'#include [<"]prometheus/', ["base/metrics/", "server/metrics/", "server/app/", "gateway/"],
     "metrics are made in one place"),
    (r'#include [<"]CLI/',
     ["base/options/option.", "base/options/cli_command.",
      "base/options/command_line.", "base/options/option_sources."],
     "CLI11 compiles slowly"),
    (r"\bgetenv\(", ["base/options/", "base/process/", "client/cli/", "client/test/",
                    "server/app/data/s3_flags."],
     "the environment is read in one place a binary"),
    (r"\bcatch \((const )?SQLite::", ["server/store/sqlite/db/sqlite_error."],
     "one file turns SQLite's exceptions into a status"),
]
ONLY_IN_SERVER = [
    (r'#include [<"]grpc', ["server/rpc/", "server/app/"],
     "gRPC is known to rpc only"),
    (r"\b(ServerCompletionQueue|CompletionQueue|AsyncGenericService|Alarm)\b"
     r"(?=.*[;({&*>])",
     ["server/rpc/grpc/"],
     "one place touches gRPC's asynchronous API"),
    (r"\bgrpc::Status\(", ["server/rpc/dispatch.", "server/rpc/grpc/"],
     "one file makes the status that goes out"),
]
ONLY_IN_GATEWAY = [
    (r"\bhttp::status::(bad_request|not_found|conflict|forbidden|unauthorized"
     r"|internal_server_error|service_unavailable|gateway_timeout"
     r"|too_many_requests|not_implemented)\b",
     ["gateway/http/http_error."], "one file picks HTTP codes for errors"),
]
# Beast compiles slowly: this many files of ours may include it.
MAX_BEAST_FILES = 6

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
OURS = ("base/", "server/", "gateway/", "client/", "tests/", "pinhole/")
LINK = re.compile(r"\bpinhole_(proto|base|store_sqlite|store_postgres"
                  r"|store_queue|store|media|auth|domain"
                  r"|metrics|rpc|app|gateway|client|cli)\b")


def longest(folders, path):
    """The longest of `folders` that holds `path`, or None."""
    holding = [f for f in folders if path == f or path.startswith(f + "/")]
    return max(holding, key=len, default=None)


def sources(root):
    for top in ("base", "server", "gateway", "client"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".cc", ".h"):
                yield path.relative_to(root).as_posix(), path.read_text()


def include_violations(path, text):
    folder = longest(MAY_INCLUDE, path)
    if folder is None:
        yield f"{path}: not in a room of the plan"
        return
    allowed = [folder] + MAY_INCLUDE[folder]
    for include in INCLUDE.findall(text):
        if include.startswith(OURS) and longest(allowed, include) is None:
            yield f"{path}: {folder} must not include {include}"


def word_violations(path, text):
    code = COMMENT.sub("", text)
    rules = list(ONLY_IN)
    if path.startswith("server/"):
        rules += ONLY_IN_SERVER
    if path.startswith("gateway/"):
        rules += ONLY_IN_GATEWAY
    for pattern, places, reason in rules:
        found = re.search(pattern, code)
        if found and not path.startswith(tuple(places)):
            yield f"{path}: '{found.group().strip()}': {reason}"


def link_violations(root):
    for path in sorted(root.rglob("CMakeLists.txt")):
        name = path.parent.relative_to(root).as_posix()
        folder = longest(MAY_LINK, name)
        if folder is None:
            continue
        text = re.sub(r"#.*", "", path.read_text())
        own = name.rsplit("/", 1)[-1]
        for library in sorted(set(LINK.findall(text))):
            if library not in [own, "store_postgres", "store_sqlite"] + MAY_LINK[folder]:
                yield f"{name}/CMakeLists.txt: must not link pinhole_{library}"


def cycle_violations(arrows):
    """The arrows between folders that are part of a circle."""

    def reached(start):
        seen, left = set(), [start]
        while left:
            for folder in arrows.get(left.pop(), {}).keys() - seen:
                seen.add(folder)
                left.append(folder)
        return seen

    behind = {folder: reached(folder) for folder in arrows}
    for folder, targets in sorted(arrows.items()):
        for target, path in sorted(targets.items()):
            if folder in behind.get(target, ()):
                yield f"{path}: {folder} and {target} include each other"


def violations(root):
    beast = []
    arrows = {}
    for path, text in sources(root):
        folder = path.rpartition("/")[0]
        for include in INCLUDE.findall(text):
            target = include.rpartition("/")[0]
            if include.startswith(OURS) and target != folder:
                arrows.setdefault(folder, {}).setdefault(target, path)
        yield from include_violations(path, text)
        yield from word_violations(path, text)
        if "#include <boost/beast" in text or '#include "boost/beast' in text:
            beast.append(path)
    if len(beast) > MAX_BEAST_FILES:
        yield f"{len(beast)} files include Beast, which is slow to compile: " \
              + ", ".join(beast)
    yield from cycle_violations(arrows)
    yield from link_violations(root)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = list(violations(root))
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
