# SPDX-License-Identifier: Apache-2.0
"""What a stranger brings along: grpcurl without protos, a C++ program."""

import base64
import json
import subprocess

import grpc
import pictures as picture
import pytest
from drivers import PASSWORD
from google.protobuf import descriptor_pb2
from processes import BIN, PATIENCE, Server, running

SERVICES = {f"pinhole.v1.{name}Service"
            for name in ("User", "Photo", "Social", "Admin")}


def test_grpcurl_tells_the_story_without_proto_files(
        grpcurl, server, photograph):
    def call(*arguments, data=None, token=None):
        command = [grpcurl, "-plaintext", "-emit-defaults"]
        if token:
            command += ["-H", f"authorization: Bearer {token}"]
        if data is not None:
            command += ["-d", "@"]
        done = subprocess.run(
            [*command, server.grpc, *arguments], capture_output=True,
            text=True, input=data or "", timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(method, request, token=None):
        return json.loads(call(f"pinhole.v1.{method}",
                               data=json.dumps(request), token=token))

    assert SERVICES < set(call("list").split())
    manual = call("describe", "pinhole.v1.PhotoService")
    assert "rpc UploadPhoto" in manual
    assert "// Publishes, lists, serves and deletes photos." in manual
    account = {"handle": "ansel", "password": PASSWORD}
    ask("UserService/CreateUser", account)
    token = ask("UserService/CreateSession", account)["token"]
    chunk = base64.b64encode(photograph.read_bytes()).decode()
    size = 256 * 1024 // 3 * 4
    parts = [json.dumps({"metadata": {"caption": "Half Dome"}})] + [
        json.dumps({"chunk": chunk[at:at + size]})
        for at in range(0, len(chunk), size)]
    photo = json.loads(call("pinhole.v1.PhotoService/UploadPhoto",
                            data="\n".join(parts), token=token))["name"]
    feed = ask("SocialService/GetFeed", {}, token)["photos"]
    assert [entry["name"] for entry in feed] == [photo]
    assert ask("SocialService/LikePhoto", {"name": photo}, token)["liked"]
    assert ask("SocialService/CreateComment",
               {"parent": photo, "text": "Tall"}, token)["text"] == "Tall"
    ask("UserService/CreateUser", {"handle": "other", "password": PASSWORD})
    assert ask("SocialService/FollowUser", {"name": "users/other"},
               token)["following"]
    failed = subprocess.run(
        [grpcurl, "-plaintext", "-d", '{"name": "users/nobody"}', server.grpc,
         "pinhole.v1.UserService/GetUser"],
        capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert '"reason": "USER_NOT_FOUND"' in failed.stderr


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_describes_the_services_with_comments(
        server, stubs, version):
    messages = stubs.reflection[version]
    request = messages.ServerReflectionRequest
    with grpc.insecure_channel(server.grpc) as channel:
        reflect = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request.SerializeToString,
            messages.ServerReflectionResponse.FromString)
        listed, photos, details = reflect(iter([
            request(list_services=""),
            request(file_containing_symbol="pinhole.v1.PhotoService"),
            # What tools show of an error.
            request(file_containing_symbol="google.rpc.ErrorInfo")]),
            timeout=PATIENCE)

    assert SERVICES | {"grpc.health.v1.Health"} < {
        service.name for service in listed.list_services_response.service}
    file = descriptor_pb2.FileDescriptorProto.FromString(
        photos.file_descriptor_response.file_descriptor_proto[0])
    assert any("Publishes, lists, serves and deletes photos."
               in location.leading_comments
               for location in file.source_code_info.location)
    assert not details.HasField("error_response")


def test_reflection_can_be_turned_off(tmp_path):
    with running(Server(tmp_path / "data", "--reflection", "off")) as server, \
            grpc.insecure_channel(server.grpc) as channel:
        reflect = channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        with pytest.raises(grpc.RpcError) as failed:
            next(reflect(iter([]), timeout=PATIENCE))

    assert failed.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_the_example_program_shares_a_photo(server, people, photograph):
    done = subprocess.run(
        [BIN / "share_photo", server.grpc, "exampler", PASSWORD, photograph],
        capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert done.returncode == 0, done.stderr
    reader = people("reader")
    [photo] = reader.list_photos("users/exampler")
    assert photo["name"] in done.stdout
    assert picture.jpeg_size(reader.download(photo["name"], "thumbnail"))
