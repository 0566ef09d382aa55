# SPDX-License-Identifier: Apache-2.0
"""Which fuzz target reaches each parser that reads bytes from strangers.

A header is taken for a parser's if its name says so, or if it declares a
function whose name begins like a parser's and that takes text. Each must be
listed here: with the fuzz targets that reach it, or with the reason why no
stranger does.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Where bytes of strangers arrive. The client and its laboratory read answers
# of a server that their user chose.
FOLDERS = ["gateway", "proto/pinhole/v1", "server/auth", "server/domain",
           "server/media", "server/rpc"]

# The header, without .h: its targets.
FUZZED = {
    "gateway/accept": ["headers"],
    "gateway/call_headers": ["headers"],
    "gateway/compression": ["gzip", "headers"],
    "gateway/cors": ["headers"],
    "gateway/disposition": ["headers"],
    "gateway/entity_tag": ["headers"],
    "gateway/event_stream": ["headers"],
    "gateway/field_value": ["query"],
    "gateway/json": ["json"],
    "gateway/json_walk": ["json"],
    "gateway/multipart": ["multipart"],
    "gateway/path_template": ["path_template"],
    "gateway/query_fields": ["query"],
    "gateway/range": ["range"],
    "gateway/request_parser": ["http_front"],
    "gateway/route": ["query"],
    "gateway/router": ["router"],
    "gateway/time_text": ["query", "json"],
    "gateway/traceparent": ["traceparent"],
    "gateway/uri": ["query", "router"],
    "proto/pinhole/v1/client_address": ["client_address"],
    "proto/pinhole/v1/content_type": ["headers"],
    "proto/pinhole/v1/ip_address": ["client_address"],
    "server/domain/seal": ["names"],
    "server/domain/text": ["names"],
    "server/domain/unicode": ["names"],
    "server/media/picture_refusal": ["picture_walk"],
    "server/media/walk/colour_profile": ["picture_walk"],
    "server/media/walk/exif_orientation": ["picture_walk"],
    "server/media/walk/heic": ["picture_walk"],
    "server/media/walk/heif_file": ["picture_walk"],
    "server/media/walk/heif_geometry": ["picture_walk"],
    "server/media/walk/hevc": ["picture_walk"],
    "server/media/walk/inflate": ["picture_walk"],
    "server/media/walk/jpeg": ["picture_walk"],
    "server/media/walk/png": ["picture_walk"],
    "server/media/walk/walk_picture": ["picture_walk"],
    "server/media/walk/webp": ["picture_walk"],
    "server/rpc/bearer_token": ["names"],
    "server/rpc/resource_name": ["names"],
    "server/rpc/validate": ["names"],
}

# Reached by strangers through a parser above only, and adds no reading of its
# own; or not reached by strangers.
NOT_FUZZED = {
    "gateway/clear_text_flag": "flags of the operator",
    "gateway/config_file": "files of the operator",
    "gateway/exchange": "splits lines of JSON, which are read by json",
    "gateway/json_limits": "calls compression, with a bound",
    "gateway/local_address": "flags of the operator",
    "gateway/metrics_flags": "flags of the operator",
    "gateway/openapi_comments": "comments of our own protos",
    "gateway/openapi_operation": "our own protos",
    "gateway/option_sources": "names of our own flags",
    "gateway/openapi_schema": "our own protos",
    "gateway/pages": "looks a path up in a table",
    "gateway/raw_body": "puts together what query and headers were read to",
    "gateway/request_message": "puts together what query and JSON were read to",
    "gateway/route_check": "our own protos",
    "gateway/tls": "files of the operator",
    "gateway/transport": "moves bytes; TLS is OpenSSL's",
    "gateway/upload_body": "passes bytes to multipart",
    "proto/pinhole/v1/trusted_proxies": "flags of the operator",
    "server/auth/password": "hashes of our own, or of an administrator",
    "server/domain/accounts": "looks a handle up",
    "server/domain/manifest": "files of the operator's backups",
    "server/domain/passwords": "hashes its arguments",
    "server/domain/photos": "passes bytes on to media",
    "server/domain/request_key": "hashes its arguments",
    "server/media/decode/pixels": "hands what picture_walk made to libraries",
    "server/media/photo_files": "keys of our own",
    "server/media/photo_tree": "keys of our own",
    "server/rpc/paging": "opens tokens with server/domain/seal",
    "server/rpc/registry": "names of our own methods",
}

NAMES = re.compile(r"(_|^)(parser|walk|structure|template|multipart)$")
VERBS = ("Accepts|Apply|Check|Choose|Content|Decode|Find|Gunzip|Inflate|Is|Json"
         "|MayBe|Match|Media|Meets|Normalize|Open|Parse|Paths|Percent|Query"
         "|Read|Resolve|Scan|Select|Set|Sniff|Split|Take|Unescape|Verify|Walk"
         "|Without")
TEXT = (r"string_view|const std::string&|std::string |RequestHead|HeaderList"
        r"|FieldMask|Metadata\b|span<")
FUNCTION = re.compile(rf"\b(?:{VERBS})\w*\(([^;{{}}]*?)\)")
COMMENT = re.compile(r"//[^\n]*")


def is_parser(path, text):
    if NAMES.search(path.stem):
        return True
    return any(re.search(TEXT, arguments)
               for arguments in FUNCTION.findall(COMMENT.sub("", text)))


def parsers(root=ROOT):
    """The headers that look like a parser's, without .h."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.h")):
            if is_parser(path, path.read_text()):
                yield path.relative_to(root).with_suffix("").as_posix()


def targets(root=ROOT):
    """The fuzz targets that are built, by CMakeLists.txt."""
    text = (root / "tests/fuzz/CMakeLists.txt").read_text()
    return set(re.findall(r"^pinhole_fuzz\((\w+)", text, re.MULTILINE))
