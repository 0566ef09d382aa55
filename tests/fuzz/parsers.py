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
FOLDERS = ["base", "gateway", "proto/pinhole/v1", "server/auth", "server/domain",
           "server/media", "server/rpc"]

# The header, without .h: its targets.
FUZZED = {
    "gateway/http/accept": ["headers"],
    "gateway/upstream/call_headers": ["headers"],
    "gateway/http/compression": ["gzip", "headers"],
    "gateway/http/cors": ["headers"],
    "gateway/http/disposition": ["headers"],
    "gateway/http/entity_tag": ["headers"],
    "gateway/handlers/event_stream": ["headers"],
    "gateway/rules/field_path": ["query"],
    "gateway/rules/field_value": ["query"],
    "gateway/transcode/json": ["json"],
    "gateway/transcode/json_walk": ["json"],
    "gateway/http/multipart": ["multipart"],
    "gateway/rules/path_template": ["path_template"],
    "gateway/transcode/query_fields": ["query"],
    "gateway/http/range": ["range"],
    "gateway/http/request_parser": ["http_front"],
    "gateway/rules/route": ["query"],
    "gateway/rules/router": ["router"],
    "gateway/rules/time_text": ["query", "json"],
    "base/request_id": ["headers"],
    "base/traceparent": ["traceparent"],
    "gateway/http/uri": ["query", "router"],
    "base/net/client_address": ["client_address"],
    "proto/pinhole/v1/content_type": ["headers"],
    "base/net/ip_address": ["client_address"],
    "server/domain/text/token_signer": ["names"],
    "server/domain/text/text": ["names"],
    "server/domain/text/unicode": ["names"],
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
    "base/bearer_token": ["names"],
    "base/utf8": ["names", "query"],
    "server/rpc/services/resource_name": ["names"],
    "server/rpc/services/validate": ["names"],
}

# Reached by strangers through a parser above only, and adds no reading of its
# own; or not reached by strangers.
NOT_FUZZED = {
    "server/media/photo_folder": "keys of our own",
    "server/media/photo_store": "keys of our own",
    "server/media/s3/photo_bucket": "keys of our own",
    "server/media/s3/object_reader": "answers of the S3 server that the "
                                     "operator chose",
    "base/error_reasons": "looks a name up in a table",
    "base/options/clear_text_flag": "flags of the operator",
    "base/options/config_file": "files of the operator",
    "gateway/exchange/exchange": "takes a request that request_parser has read",
    "gateway/handlers/health_handler": "compares a path with three paths",
    "gateway/transcode/json_limits": "calls compression, with a bound",
    "base/net/host_port": "flags of the operator, and Host by local_address",
    "base/net/local_address": "flags of the operator",
    "base/options/metrics_flags": "flags of the operator",
    "gateway/openapi/openapi_comments": "comments of our own protos",
    "gateway/openapi/openapi_operation": "our own protos",
    "base/options/address_validator": "flags of the operator",
    "base/options/option": "flags of the operator",
    "base/options/option_sources": "names of our own flags",
    "gateway/openapi/openapi_schema": "our own protos",
    "gateway/exchange/pages": "looks a path up in a table",
    "gateway/transcode/raw_body": "puts together what query and headers were read to",
    "gateway/transcode/request_message": "puts together what query and JSON were read to",
    "gateway/rules/route_check": "our own protos",
    "gateway/connection/tls": "files of the operator",
    "gateway/connection/transport": "moves bytes; TLS is OpenSSL's",
    "gateway/handlers/upload_body": "passes bytes to multipart",
    "base/net/trusted_proxies": "flags of the operator",
    "server/rpc/grpc/reflection": "looks names up in our own protos",
    "server/auth/password": "hashes of our own, or of an administrator",
    "server/domain/accounts": "looks a handle up",
    "server/domain/backup/manifest": "files of the operator's backups",
    "server/domain/passwords": "hashes its arguments",
    "server/domain/photos": "passes bytes on to media",
    "server/domain/request_key": "hashes its arguments",
    "server/media/decode/pixels": "hands what picture_walk made to libraries",
    "server/media/photo_files": "keys of our own",
    "server/media/photo_tree": "keys of our own",
    "server/rpc/services/paging": "opens tokens with server/domain/text/token_signer",
    "server/rpc/registry": "names of our own methods",
    "server/rpc/services/service_handlers": "calls paging and resource_name",
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
