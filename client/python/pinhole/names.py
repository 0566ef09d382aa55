# SPDX-License-Identifier: Apache-2.0
"""Conversion of user input to resource names."""

import re

import grpc

from pinhole.errors import Error

_HANDLE = re.compile(r"[a-z0-9][a-z0-9_.]{2,29}", re.ASCII)
_PHOTO = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def user_name(text: str) -> str:
    """Converts "ansel", "@ansel" or "users/ansel" to "users/ansel", in lower
    case. "me" is the caller.

    Raises `Error` with `INVALID_ARGUMENT` if `text` is not a valid handle.
    """
    handle = text.removeprefix("users/").removeprefix("@").lower()
    if handle != "me" and not _HANDLE.fullmatch(handle):
        raise Error(
            grpc.StatusCode.INVALID_ARGUMENT,
            f'"{text}" is not a handle, which must have 3 to 30 characters of '
            "a-z, 0-9, _ and ., and begin with a letter or digit",
        )
    return "users/" + handle


def photo_name(text: str) -> str:
    """Converts "123" or "photos/123" to "photos/123".

    Raises `Error` with `INVALID_ARGUMENT` if `text` is not a valid photo name.
    """
    photo = text.removeprefix("photos/")
    if not _PHOTO.fullmatch(photo):
        raise Error(
            grpc.StatusCode.INVALID_ARGUMENT,
            f'"{text}" is not a photo, which must be like photos/123 or 123',
        )
    return "photos/" + photo
