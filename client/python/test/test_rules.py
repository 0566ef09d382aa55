# SPDX-License-Identifier: Apache-2.0
"""Rules that need no server."""

from __future__ import annotations

import dataclasses
import io
import math
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

import pinhole
from pinhole import Error, FieldViolation, Repeat, RetryPolicy, v1
from pinhole.retry import Retry, repeat_of, with_request_id
from pinhole.upload import Upload
from pinhole.v1 import (
    admin_service_pb2,
    photo_service_pb2,
    social_service_pb2,
    user_service_pb2,
)

METHODS = [
    method
    for file in (admin_service_pb2, photo_service_pb2, social_service_pb2, user_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]


def test_only_these_methods_are_not_repeated_after_an_interruption() -> None:
    """A new method must be added here or be idempotent."""
    requests = [getattr(v1, method.input_type.name)() for method in METHODS]
    assert {
        method.name
        for method, request in zip(METHODS, requests)
        if repeat_of(request) is not Repeat.SAFE
    } == {
        "ChangePassword", "CreateBackup", "DeleteComment", "DeletePhoto", "DeleteSession",
        "DeleteUser",
    }


def test_every_method_with_pages_has_a_list() -> None:
    paged = [m.name for m in METHODS if "next_page_token" in m.output_type.fields_by_name]
    lists = [
        name
        for name, function in vars(pinhole.pages).items()
        if "Pages[" in str(getattr(function, "__annotations__", {}).get("return"))
    ]
    for client in (pinhole.Client, pinhole.AsyncClient):
        assert all(hasattr(client, name) for name in lists)
    assert len(lists) == len(paged)


UNAVAILABLE = Error(grpc.StatusCode.UNAVAILABLE, "")
REFUSED = Error(grpc.StatusCode.RESOURCE_EXHAUSTED, "", retry_delay=0.5)
FULL = Error(grpc.StatusCode.RESOURCE_EXHAUSTED, "")
POLICY = RetryPolicy(max_attempts=4, initial_backoff=1, max_backoff=3)


@pytest.mark.parametrize("error, repeat, repeated", [
    (UNAVAILABLE, Repeat.SAFE, True),
    (Error(grpc.StatusCode.ABORTED, ""), Repeat.SAFE, True),
    (Error(grpc.StatusCode.NOT_FOUND, ""), Repeat.SAFE, False),
    (Error(grpc.StatusCode.DEADLINE_EXCEEDED, ""), Repeat.SAFE, False),
    (UNAVAILABLE, Repeat.ONLY_IF_REFUSED, False),
    (REFUSED, Repeat.ONLY_IF_REFUSED, True),
    (FULL, Repeat.SAFE, False),
    (REFUSED, Repeat.NEVER, False),
])
def test_calls_are_repeated_only_if_that_is_safe(
    error: Error, repeat: Repeat, repeated: bool
) -> None:
    retry = Retry(POLICY, repeat, math.inf)
    if repeated:
        assert retry.delay_after(error) > 0
    else:
        with pytest.raises(Error) as raised:
            retry.delay_after(error)
        assert raised.value is error


def test_delays_double_up_to_the_maximum_and_attempts_are_limited() -> None:
    retry = Retry(POLICY, Repeat.SAFE, math.inf)
    for most in (1, 2, 3):
        assert most / 2 <= retry.delay_after(UNAVAILABLE) <= most
    with pytest.raises(Error):
        retry.delay_after(UNAVAILABLE)


def test_the_delay_of_the_server_is_respected() -> None:
    retry = Retry(dataclasses.replace(POLICY, initial_backoff=0.01), Repeat.SAFE, math.inf)
    assert retry.delay_after(REFUSED) == 0.5


def test_no_attempt_begins_after_the_deadline() -> None:
    retry = Retry(POLICY, Repeat.SAFE, 0.2)
    timeout = retry.timeout()
    assert timeout is not None and timeout <= 0.2
    with pytest.raises(Error):
        retry.delay_after(UNAVAILABLE)


def test_a_create_gets_a_request_id_of_its_own() -> None:
    request = v1.CreateCommentRequest(parent="photos/1", text="Sharp")
    first, second = with_request_id(request), with_request_id(request)
    assert request.request_id == ""
    assert first.text == "Sharp"
    assert len(first.request_id) == 36
    assert first.request_id != second.request_id
    assert with_request_id(first) is first
    like = v1.LikePhotoRequest(name="photos/1")
    assert with_request_id(like) is like


def test_an_attempt_of_an_upload_ends_when_the_next_one_begins() -> None:
    file = io.BytesIO(b"the end of another file" + bytes(1_000_000))
    file.seek(23)
    upload = Upload(
        file, caption="", alt_text="", visibility=v1.VISIBILITY_PUBLIC, request_id="")
    stub = RecordingStub()
    upload.send(stub, None, ())  # type: ignore[arg-type]
    upload.send(stub, None, ())  # type: ignore[arg-type]
    first, second = stub.attempts
    a, b = next(first), next(second)
    assert a == b
    assert a.metadata.size_bytes == 1_000_000
    assert len(a.metadata.request_id) == 36
    # The first attempt reads nothing, so the second one gets all bytes.
    assert list(first) == []
    chunks = [message.chunk for message in second]
    assert b"".join(chunks) == bytes(1_000_000)
    assert max(map(len, chunks)) == 64 * 1024


class RecordingStub:
    """Records the messages of uploads instead of sending them."""

    def __init__(self) -> None:
        self.attempts: list[Any] = []
        self.UploadPhoto = self

    def future(self, messages: object, **_: object) -> None:
        self.attempts.append(messages)


class Failure(grpc.RpcError):
    """An error as a stub raises it."""

    def __init__(self, *metadata: tuple[str, bytes]) -> None:
        self._metadata = metadata

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.RESOURCE_EXHAUSTED

    def details(self) -> str:
        return "wait"

    def trailing_metadata(self) -> Any:
        return self._metadata


def test_an_error_has_the_details_of_the_server() -> None:
    status = status_pb2.Status()
    for detail in (
        error_details_pb2.ErrorInfo(reason="RATE_LIMITED", domain="pinhole"),
        error_details_pb2.RetryInfo(
            retry_delay=duration_pb2.Duration(seconds=2, nanos=500_000_000)),
        error_details_pb2.BadRequest(field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field="name", description="bad")]),
        error_details_pb2.RequestInfo(request_id="7"),
    ):
        any_detail = any_pb2.Any()
        any_detail.Pack(detail)
        status.details.append(any_detail)
    error = Error.from_rpc(Failure(("grpc-status-details-bin", status.SerializeToString())))
    assert (error.code.name, error.message) == ("RESOURCE_EXHAUSTED", "wait")
    assert error.reason == "RATE_LIMITED"
    assert error.retry_delay == 2.5
    assert error.fields == (FieldViolation("name", "bad"),)


@pytest.mark.parametrize("metadata", [(), (("grpc-status-details-bin", b"\xff"),)])
def test_an_error_without_readable_details_has_none(
    metadata: tuple[tuple[str, bytes], ...],
) -> None:
    error = Error.from_rpc(Failure(*metadata))
    assert (error.reason, error.fields, error.retry_delay) == ("", (), None)


def test_names_are_converted() -> None:
    assert pinhole.user_name("@Ansel") == pinhole.user_name("users/ansel") == "users/ansel"
    assert pinhole.user_name("me") == "users/me"
    assert pinhole.photo_name("12") == pinhole.photo_name("photos/12") == "photos/12"


@pytest.mark.parametrize("text", ["", "ab", "_ansel", "ansel/x", "a" * 31, "änsel", "ansel\n"])
def test_an_invalid_handle_is_refused(text: str) -> None:
    with pytest.raises(Error) as failed:
        pinhole.user_name(text)
    assert failed.value.code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("text", ["", "photos/", "1/2", "1 2", "1\n", "x" * 65])
def test_an_invalid_photo_is_refused(text: str) -> None:
    with pytest.raises(Error) as failed:
        pinhole.photo_name(text)
    assert failed.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_ca_file_without_tls_is_refused() -> None:
    with pytest.raises(ValueError, match="grpcs://"):
        pinhole.Client("127.0.0.1:50051", ca_file="authorities.pem")
