# SPDX-License-Identifier: Apache-2.0
"""The three ways to call Pinhole behind one face, so that a story is told once.

A driver is one person's client. Answers are plain dictionaries with the field
names of canonical ProtoJSON (`createTime`); a refused call raises CallFailed.
"""

import json
import os
import pathlib
import re
import subprocess

import grpc
import requests
from google.protobuf import json_format

from processes import BIN, PATIENCE

CHUNK = 64 * 1024
PASSWORD = "correct horse battery"


ROOT = pathlib.Path(__file__).resolve().parents[2]
REASONS = set(re.findall(r"^\| `([A-Z_]+)` \| `[A-Z_]+` \| \S",
                         (ROOT / "docs/api.md").read_text(), re.MULTILINE))


class CallFailed(Exception):
    """`code` is the gRPC code's name; `status` google.rpc.Status, if known,
    which must have one reason that the documentation lists."""

    def __init__(self, code, message, status=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or {}
        if status:
            [info] = [detail for detail in status["details"]
                      if detail["@type"].endswith("google.rpc.ErrorInfo")]
            assert info["domain"] == "pinhole", status
            assert info["reason"] in REASONS, status

    @property
    def reason(self):
        return self.detail("ErrorInfo").get("reason")

    def detail(self, kind):
        """The detail whose type ends in `kind`, for example `ErrorInfo`."""
        for detail in self.status.get("details", []):
            if detail.get("@type", "").endswith(kind):
                return detail
        return {}


class GrpcDriver:
    """Over gRPC with stubs generated from the protos alone."""

    name = "gRPC"

    def __init__(self, server, stubs, _folder=None, channel=None):
        self.stubs = stubs
        self.channel = channel or grpc.insecure_channel(server.grpc)
        self.users = stubs.user_pb2_grpc.UserServiceStub(self.channel)
        self.photos = stubs.photo_pb2_grpc.PhotoServiceStub(self.channel)
        self.social = stubs.social_pb2_grpc.SocialServiceStub(self.channel)
        self.admin = stubs.admin_pb2_grpc.AdminServiceStub(self.channel)
        self.token = None

    def close(self):
        self.channel.close()

    def metadata(self):
        return [("authorization", f"Bearer {self.token}")] if self.token else []

    def stream(self, method, request, timeout=None):
        return method(request, metadata=self.metadata(), timeout=timeout)

    def call(self, method, request):
        """The answer as a dictionary, zero values included."""
        try:
            answer = method(request, metadata=self.metadata(), timeout=PATIENCE)
        except grpc.RpcError as error:
            raise self.failed(error) from None
        return json_format.MessageToDict(
            answer, including_default_value_fields=True)

    def failed(self, error):
        status = None
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                message = self.stubs.status.Status.FromString(value)
                status = json_format.MessageToDict(message)
        return CallFailed(error.code().name, error.details(), status)

    def register(self, handle, password=PASSWORD, **fields):
        return self.call(self.users.CreateUser,
                         self.stubs.user_pb2.CreateUserRequest(
                             handle=handle, password=password, **fields))

    def login(self, handle, password=PASSWORD, **fields):
        session = self.call(self.users.CreateSession,
                            self.stubs.user_pb2.CreateSessionRequest(
                                handle=handle, password=password, **fields))
        self.token = session["token"]
        return session

    def logout(self):
        self.call(self.users.DeleteSession,
                  self.stubs.user_pb2.DeleteSessionRequest(
                      name="users/me/sessions/current"))

    def whoami(self):
        return self.get_user("users/me")

    def get_user(self, name):
        return self.call(self.users.GetUser,
                         self.stubs.user_pb2.GetUserRequest(name=name))

    def search_users(self, query):
        return self.call(self.users.SearchUsers,
                         self.stubs.user_pb2.SearchUsersRequest(
                             query=query))["users"]

    def upload(self, path, **metadata):
        return self.upload_bytes(pathlib.Path(path).read_bytes(), **metadata)

    def upload_bytes(self, data, **metadata):
        messages = self.stubs.photo_pb2
        if "visibility" in metadata:
            metadata["visibility"] = messages.Visibility.Value(
                metadata["visibility"])

        def parts():
            yield messages.UploadPhotoRequest(
                metadata=messages.PhotoMetadata(**metadata))
            for at in range(0, len(data), CHUNK):
                yield messages.UploadPhotoRequest(chunk=data[at:at + CHUNK])

        return self.call(self.photos.UploadPhoto, parts())

    def get_photo(self, name):
        return self.call(self.photos.GetPhoto,
                         self.stubs.photo_pb2.GetPhotoRequest(name=name))

    def delete_photo(self, name):
        self.call(self.photos.DeletePhoto,
                  self.stubs.photo_pb2.DeletePhotoRequest(name=name))

    def list_photos(self, parent):
        return self.call(self.photos.ListPhotos,
                         self.stubs.photo_pb2.ListPhotosRequest(
                             parent=parent))["photos"]

    def recent_photos(self):
        return self.call(self.photos.ListRecentPhotos,
                         self.stubs.photo_pb2.ListRecentPhotosRequest(
                             page_size=100))["photos"]

    def download(self, name, rendition):
        messages = self.stubs.photo_pb2
        request = messages.DownloadPhotoRequest(
            name=name, rendition=f"RENDITION_{rendition.upper()}")
        data = b""
        head = None
        try:
            for part in self.stream(self.photos.DownloadPhoto, request,
                                    PATIENCE):
                if part.WhichOneof("part") == "head":
                    head = part.head
                data += part.chunk
        except grpc.RpcError as error:
            raise self.failed(error) from None
        assert head is not None and head.size_bytes == len(data)
        return data

    def _social(self, method, request, **fields):
        return self.call(getattr(self.social, method),
                         getattr(self.stubs.social_pb2, request)(**fields))

    def follow(self, user):
        return self._social("FollowUser", "FollowUserRequest", name=user)

    def unfollow(self, user):
        return self._social("UnfollowUser", "UnfollowUserRequest", name=user)

    def block(self, user):
        return self._social("BlockUser", "BlockUserRequest", name=user)

    def unblock(self, user):
        return self._social("UnblockUser", "UnblockUserRequest", name=user)

    def followers(self, user):
        return self._social("ListFollowers", "ListFollowersRequest",
                            parent=user)["users"]

    def following(self, user):
        return self._social("ListFollowing", "ListFollowingRequest",
                            parent=user)["users"]

    def like(self, photo):
        return self._social("LikePhoto", "LikePhotoRequest", name=photo)

    def unlike(self, photo):
        return self._social("UnlikePhoto", "UnlikePhotoRequest", name=photo)

    def likes(self, photo):
        return self._social("ListLikes", "ListLikesRequest",
                            parent=photo)["likes"]

    def comment(self, photo, text, **fields):
        return self._social("CreateComment", "CreateCommentRequest",
                            parent=photo, text=text, **fields)

    def delete_comment(self, name):
        self._social("DeleteComment", "DeleteCommentRequest", name=name)

    def comments(self, photo):
        return self._social("ListComments", "ListCommentsRequest",
                            parent=photo)["comments"]

    def feed(self):
        return self._social("GetFeed", "GetFeedRequest",
                            page_size=100)["photos"]

    def notifications(self):
        return self._social("ListNotifications", "ListNotificationsRequest",
                            page_size=100)["notifications"]

    def mark_read(self):
        self._social("MarkNotificationsRead", "MarkNotificationsReadRequest")


class RestDriver:
    """Over the JSON API."""

    name = "REST"

    def __init__(self, server, _stubs=None, _folder=None):
        self.base = f"http://{server.http}/v1/"
        self.http = requests.Session()
        self.http.trust_env = False  # No proxy between us and loopback.

    def close(self):
        self.http.close()

    @property
    def token(self):
        return self.http.headers.get("Authorization", "")[len("Bearer "):]

    @token.setter
    def token(self, token):
        self.http.headers["Authorization"] = f"Bearer {token}"

    def send(self, method, path, **arguments):
        answer = self.http.request(method, self.base + path, timeout=PATIENCE,
                                   **arguments)
        if answer.status_code >= 400:
            raise self.failed(answer)
        return answer

    @staticmethod
    def failed(answer):
        status = answer.json()
        return CallFailed(CODE_NAMES.get(status.get("code")),
                          status.get("message"), status)

    def call(self, method, path, body=None, **query):
        answer = self.send(method, path, json=body, params=query)
        return {} if answer.status_code == 204 else answer.json()

    def register(self, handle, password=PASSWORD, **fields):
        return self.call("POST", "users",
                         {"handle": handle, "password": password, **fields})

    def login(self, handle, password=PASSWORD):
        session = self.call("POST", "sessions",
                            {"handle": handle, "password": password})
        self.token = session["token"]
        return session

    def logout(self):
        self.call("DELETE", "users/me/sessions/current")

    def whoami(self):
        return self.get_user("users/me")

    def get_user(self, name):
        return self.call("GET", name)

    def search_users(self, query):
        return self.call("GET", "users:search", query=query)["users"]

    def upload(self, path, content_type="image/jpeg", **metadata):
        with open(path, "rb") as file:
            answer = self.send("POST", "photos:upload", data=file,
                               params=metadata,
                               headers={"Content-Type": content_type})
        return answer.json()

    def upload_bytes(self, data, content_type="image/jpeg", **metadata):
        return self.send(
            "POST", "photos:upload", data=data, params=metadata,
            headers={"Content-Type": content_type}).json()

    def get_photo(self, name):
        return self.call("GET", name)

    def delete_photo(self, name):
        self.call("DELETE", name)

    def list_photos(self, parent):
        return self.call("GET", f"{parent}/photos")["photos"]

    def recent_photos(self):
        return self.call("GET", "photos", page_size=100)["photos"]

    def download(self, name, rendition):
        answer = self.send("GET", f"{name}/{rendition}")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        return answer.content

    def follow(self, user):
        return self.call("POST", f"{user}:follow", {})

    def unfollow(self, user):
        return self.call("POST", f"{user}:unfollow", {})

    def block(self, user):
        return self.call("POST", f"{user}:block", {})

    def unblock(self, user):
        return self.call("POST", f"{user}:unblock", {})

    def followers(self, user):
        return self.call("GET", f"{user}/followers")["users"]

    def following(self, user):
        return self.call("GET", f"{user}/following")["users"]

    def like(self, photo):
        return self.call("POST", f"{photo}:like", {})

    def unlike(self, photo):
        return self.call("POST", f"{photo}:unlike", {})

    def likes(self, photo):
        return self.call("GET", f"{photo}/likes")["likes"]

    def comment(self, photo, text, **fields):
        return self.call("POST", f"{photo}/comments", {"text": text, **fields})

    def delete_comment(self, name):
        self.call("DELETE", name)

    def comments(self, photo):
        return self.call("GET", f"{photo}/comments")["comments"]

    def feed(self):
        return self.call("GET", "feed", page_size=100)["photos"]

    def notifications(self):
        return self.call("GET", "notifications",
                         page_size=100)["notifications"]

    def mark_read(self):
        self.call("POST", "notifications:markRead", {})


class CommandLineDriver:
    """Over the `pinhole` command, with --json."""

    name = "command line"

    def __init__(self, server, _stubs, folder):
        self.target = server.grpc
        self.folder = pathlib.Path(folder)
        self.session_file = self.folder / "sessions" / "session.json"
        self.environment = {
            **os.environ,
            "PINHOLE_TARGET": self.target,
            "PINHOLE_SESSION_FILE": str(self.session_file),
        }
        self.environment.pop("PINHOLE_PASSWORD", None)

    def close(self):
        pass

    def run(self, *arguments, password=None):
        """The finished process; its output is bytes."""
        return subprocess.run(
            [BIN / "pinhole", *map(str, arguments)], env=self.environment,
            input=f"{password}\n".encode() if password else b"",
            capture_output=True, timeout=PATIENCE, check=False)

    def call(self, *arguments, password=None):
        if password:
            arguments += ("--password-stdin",)
        done = self.run("--json", *arguments, password=password)
        if done.returncode != 0:
            # "pinhole: NOT_FOUND: no such photo"
            said = done.stderr.decode().split(": ", 2)
            assert done.returncode == 1 and len(said) == 3, done
            raise CallFailed(said[1], said[2])
        return json.loads(done.stdout) if done.stdout.strip() else {}

    # The stored login, as it is handed to the command.
    @property
    def token(self):
        return self.session_file.read_text()

    @token.setter
    def token(self, stored):
        self.session_file.write_text(stored)

    def register(self, handle, password=PASSWORD, **fields):
        options = [f"--{name.replace('_', '-')}={value}"
                   for name, value in fields.items()]
        return self.call("register", handle, *options, password=password)

    def login(self, handle, password=PASSWORD):
        return self.call("login", handle, password=password)

    def logout(self):
        self.call("logout")

    def whoami(self):
        return self.call("whoami")

    def upload(self, path, caption=""):
        return self.call("upload", path, "--caption", caption)

    def get_photo(self, name):
        return self.call("show", name)

    def delete_photo(self, name):
        self.call("delete", name)

    def download(self, name, rendition):
        file = self.folder / "downloaded"
        self.call("download", name, "--size", rendition, "--output", file)
        return file.read_bytes()

    def follow(self, user):
        return self.call("follow", user)

    def unfollow(self, user):
        return self.call("unfollow", user)

    def like(self, photo):
        return self.call("like", photo)

    def unlike(self, photo):
        return self.call("unlike", photo)

    def comment(self, photo, text):
        return self.call("comment", photo, text)

    def comments(self, photo):
        return self.call("comments", photo)["items"]

    def feed(self):
        return self.call("feed")["items"]


CODE_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}
