# SPDX-License-Identifier: Apache-2.0
"""Both doors are one: a story with every RPC, told over gRPC to one server and
over JSON to another, gets the same answers, errors and bytes.

What cannot be the same (ids, times, tokens) is replaced by what stands for it:
ids by the order in which they first appear.
"""

import contextlib
import json
import re
import uuid
from dataclasses import dataclass, field

import grpc
import pytest
from google.protobuf import json_format

import transcoding
from drivers import PASSWORD, GrpcDriver, RestDriver
from processes import ENGINE, PATIENCE, Gateway, Server, admin, running

HTTP_CODES = {
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
}


@dataclass
class Call:
    """One call. `{name}` in a string of the request is what an earlier call
    kept under that name."""
    rpc: str
    who: str = None  # Whose token goes along.
    request: dict = field(default_factory=dict)
    outcome: str = "OK"  # Or the reason of the error.
    keep: str = None  # Keeps the answer's `name` (or `field`) under this name.
    field: str = "name"
    binding: int = None  # Which of the HTTP rules; the first that fits if None.
    signs_in: str = None  # Whose token the answer has.


UUID = str(uuid.UUID(int=1))
ME = {"name": "users/me"}
NOBODY = {"name": "users/nobody"}
LOST = {"name": "photos/1"}
BAD_PAGE = {"page_token": "made up"}


def account(handle, **more):
    return {"handle": handle, "password": PASSWORD, **more}


# PostgreSQL has its own tools for backups.
CANNOT_SUCCEED = {"CreateBackup"} if ENGINE == "postgres" else set()

# Every RPC succeeds and fails, where it can.
STORY = [
    Call("GetServerInfo"),
    Call("CreateUser", request=account("ansel", display_name="Ansel Ä.",
                                       request_id=UUID)),
    Call("CreateUser", request=account("ansel", display_name="Ansel Ä.",
                                       request_id=UUID)),
    Call("CreateUser", request=account("ANSEL"), outcome="HANDLE_TAKEN"),
    Call("CreateUser", request={"handle": "x", "password": PASSWORD},
         outcome="INVALID_FIELD"),
    Call("CreateUser", request=account("ansel", display_name="Other",
                                       request_id=UUID),
         outcome="REQUEST_ID_REUSED"),
    Call("CreateUser", request=account("dora")),
    Call("CreateSession", request=account("ansel"), signs_in="ansel"),
    Call("CreateSession", request=account("dora"), signs_in="dora"),
    Call("CreateSession", request=account("dora"), keep="session"),
    Call("CreateSession", request={"handle": "dora", "password": "wrong"},
         outcome="WRONG_CREDENTIALS"),
    Call("GetUser", "ansel", ME),
    Call("GetUser", None, {"name": "users/dora"}),
    Call("GetUser", None, NOBODY, "USER_NOT_FOUND"),
    Call("GetUser", None, {"name": "users/-"}, "INVALID_FIELD"),
    Call("UpdateUser", "ansel", {
        "user": {"name": "users/me", "bio": "Takes \"pictures\"\n\u2028 <b>",
                 "display_name": "Ansel"},
        "update_mask": "bio,displayName"}),
    Call("UpdateUser", "ansel", {"user": {"name": "users/dora", "bio": "x"}},
         "ACCOUNT_NOT_OWNED"),
    Call("SearchUsers", None, {"query": "a", "page_size": 1}),
    Call("SearchUsers", None, {"query": ""}, "INVALID_FIELD"),
    Call("ListSessions", "dora", {"parent": "users/me"}),
    Call("ListSessions", None, {"parent": "users/me"}, "NOT_SIGNED_IN"),
    Call("DeleteSession", "dora", {"name": "{session}"}),
    Call("DeleteSession", "dora", {"name": "{session}"}, "SESSION_NOT_FOUND"),

    Call("UploadPhoto", "ansel", {"caption": "Half Dome & more",
                                  "visibility": "VISIBILITY_FOLLOWERS"},
         keep="photo"),
    Call("UploadPhoto", "ansel", {"caption": "x" * 2001}, "INVALID_FIELD"),
    Call("UploadPhoto", None, {}, "NOT_SIGNED_IN"),
    Call("GetPhoto", "ansel", {"name": "{photo}"}),
    Call("GetPhoto", "dora", {"name": "{photo}"}, "PHOTO_NOT_FOUND"),
    Call("UpdatePhoto", "ansel", {
        "photo": {"name": "{photo}", "alt_text": "A rock", "caption": "no",
                  "visibility": "VISIBILITY_PUBLIC"},
        "update_mask": "altText,visibility"}),
    Call("UpdatePhoto", "dora", {"photo": {"name": "{photo}", "caption": "x"}},
         "PHOTO_NOT_OWNED"),
    Call("ListPhotos", None, {"parent": "users/ansel"}),
    Call("ListPhotos", None, {"parent": "users/nobody"}, "USER_NOT_FOUND"),
    Call("ListRecentPhotos", "dora", {"page_size": 5}),
    Call("ListRecentPhotos", "dora", {"page_size": 5}, binding=1),
    Call("ListRecentPhotos", None, BAD_PAGE, "INVALID_PAGE_TOKEN"),
    *(Call("DownloadPhoto", "ansel", {"name": "{photo}",
                                      "rendition": f"RENDITION_{size}"})
      for size in ("THUMBNAIL", "MEDIUM", "LARGE", "ORIGINAL")),
    Call("DownloadPhoto", "dora", {"name": "{photo}",
                                   "rendition": "RENDITION_ORIGINAL"},
         "PHOTO_NOT_OWNED"),

    Call("FollowUser", "dora", {"name": "users/ansel"}),
    Call("FollowUser", "dora", NOBODY, "USER_NOT_FOUND"),
    Call("ListFollowers", "ansel", {"parent": "users/ansel"}),
    Call("ListFollowers", None, {"parent": "users/nobody"}, "USER_NOT_FOUND"),
    Call("ListFollowing", None, {"parent": "users/dora"}),
    Call("ListFollowing", None, {"parent": "users/nobody"}, "USER_NOT_FOUND"),
    Call("LikePhoto", "dora", {"name": "{photo}"}),
    Call("LikePhoto", "dora", LOST, "PHOTO_NOT_FOUND"),
    Call("ListLikes", None, {"parent": "{photo}"}),
    Call("ListLikes", None, {"parent": "photos/1"}, "PHOTO_NOT_FOUND"),
    Call("CreateComment", "dora", {"parent": "{photo}", "text": "Tall \U0001f5fb",
                                   "request_id": UUID}, keep="comment"),
    Call("CreateComment", "dora", {"parent": "{photo}", "text": ""},
         "INVALID_FIELD"),
    Call("ListComments", "ansel", {"parent": "{photo}"}),
    Call("CreateUser", request=account("other")),
    Call("CreateSession", request=account("other"), signs_in="other"),
    Call("DeleteComment", "other", {"name": "{comment}"}, "COMMENT_NOT_OWNED"),
    Call("ListComments", None, {"parent": "photos/1"}, "PHOTO_NOT_FOUND"),
    Call("WatchFeed", "dora"),
    Call("WatchFeed", None, {}, "NOT_SIGNED_IN"),
    Call("WatchFeed", "dora", {"resume_token": "made up"}, "INVALID_RESUME_TOKEN"),
    Call("GetFeed", "dora", {"page_size": 1}, keep="page",
         field="nextPageToken"),
    Call("GetFeed", "dora", {"page_size": 1, "page_token": "{page}"}),
    Call("GetFeed", None, {}, "NOT_SIGNED_IN"),
    Call("ListNotifications", "ansel", {"page_size": 10}),
    Call("ListNotifications", "ansel", BAD_PAGE, "INVALID_PAGE_TOKEN"),
    Call("MarkNotificationsRead", "ansel"),
    Call("MarkNotificationsRead", "ansel", {"last": "x"}, "INVALID_FIELD"),
    Call("UnlikePhoto", "dora", {"name": "{photo}"}),
    Call("UnlikePhoto", "dora", LOST, "PHOTO_NOT_FOUND"),
    Call("DeleteComment", "dora", {"name": "{comment}"}),
    Call("DeleteComment", "dora", {"name": "{comment}"}, "COMMENT_NOT_FOUND"),
    Call("UnfollowUser", "dora", {"name": "users/ansel"}),
    Call("UnfollowUser", "dora", NOBODY, "USER_NOT_FOUND"),
    Call("BlockUser", "ansel", {"name": "users/dora"}),
    Call("BlockUser", "ansel", ME, "INVALID_FIELD"),
    Call("ListBlocks", "ansel"),
    Call("ListBlocks", "ansel", BAD_PAGE, "INVALID_PAGE_TOKEN"),
    Call("UnblockUser", "ansel", {"name": "users/dora"}),
    Call("UnblockUser", "ansel", NOBODY, "USER_NOT_FOUND"),

    Call("DeletePhoto", "dora", {"name": "{photo}"}, "PHOTO_NOT_OWNED"),
    Call("DeletePhoto", "ansel", {"name": "{photo}"}),
    Call("ImportUsers", "root", {
        "users": [{"handle": "Imogen", "display_name": "Imogen"},
                  {"handle": "dora"}],
        "password": PASSWORD, "with_sessions": True}),
    Call("ImportUsers", "root", {"users": [{"handle": "x"}]},
         "INVALID_FIELD"),
    Call("ImportUsers", "dora", {}, "ADMINISTRATOR_REQUIRED"),
    Call("CreateBackup", "root",
         outcome="BACKUP_UNSUPPORTED" if CANNOT_SUCCEED else "OK"),
    Call("CreateBackup", "dora", {}, "ADMINISTRATOR_REQUIRED"),
    Call("ChangePassword", "dora", {**ME, "old_password": "wrong wrong",
                                    "new_password": "another password"},
         "WRONG_PASSWORD"),
    Call("ChangePassword", "dora", {**ME, "old_password": PASSWORD,
                                    "new_password": "another password"}),
    Call("DeleteUser", "dora", {**ME, "password": PASSWORD},
         "WRONG_PASSWORD"),
    Call("DeleteUser", "dora", {**ME, "password": "another password"}),
    Call("DeleteUser", "ansel", {**ME, "password": PASSWORD}, binding=1),
    Call("GetUser", "ansel", ME, "SESSION_ENDED"),
    Call("CreateUser", request=account("ansel"), outcome="HANDLE_RESERVED"),
]
CANNOT_FAIL = {"GetServerInfo"}


class Door:
    """One way to make the calls of the story; answers are (outcome, what)."""

    def __init__(self, stubs, snapshot):
        self.stubs = stubs
        self.snapshot = snapshot.read_bytes()
        self.services = {}  # By the name of the RPC.
        for module in ("user", "photo", "social", "admin"):
            messages = getattr(stubs, module + "_pb2")
            for service in messages.DESCRIPTOR.services_by_name.values():
                for method in service.methods:
                    self.services[method.name] = (method, module, messages)

    def message(self, rpc, fields):
        method, _, messages = self.services[rpc]
        kind = getattr(messages, method.input_type.name)
        return json_format.ParseDict(fields, kind())


class GrpcDoor(Door):
    def __init__(self, server, stubs, snapshot):
        super().__init__(stubs, snapshot)
        self.driver = GrpcDriver(server, stubs)

    def close(self):
        self.driver.close()

    def call(self, call, fields, token):
        method, module, _ = self.services[call.rpc]
        self.driver.token = token
        stub = getattr(getattr(self.driver, {
            "user": "users", "photo": "photos"}.get(module, module)), call.rpc)
        request = self.parts(fields) if call.rpc == "UploadPhoto" else (
            self.message(call.rpc, fields))
        try:
            answer = stub(request, metadata=self.driver.metadata(),
                          timeout=PATIENCE)
            if call.rpc == "DownloadPhoto":
                return "OK", self.download(answer)
            if call.rpc == "WatchFeed":
                return "OK", self.watch(answer, call)
            return "OK", self.shown(answer)
        except grpc.RpcError as error:
            failed = self.driver.failed(error)
            return failed.reason, said(failed)

    @staticmethod
    def shown(message):
        return json_format.MessageToDict(
            message, including_default_value_fields=True)

    def parts(self, metadata):
        fields = {"metadata": {**metadata, "content_type": "image/jpeg",
                               "size_bytes": len(self.snapshot)}}
        yield self.message("UploadPhoto", fields)
        kind = type(self.message("UploadPhoto", {}))
        for at in range(0, len(self.snapshot), 100_000):
            yield kind(chunk=self.snapshot[at:at + 100_000])

    @staticmethod
    def download(parts):
        head, *chunks = parts
        return {"type": head.head.content_type, "etag": head.head.etag,
                "length": head.head.size_bytes,
                "bytes": b"".join(part.chunk for part in chunks)}

    def watch(self, entries, call):
        """The first entry, published once the watch has begun."""
        entries.initial_metadata()
        if call.outcome == "OK":
            self.publish()
        first = self.shown(next(entries))
        entries.cancel()
        return first


class RestDoor(Door):
    def __init__(self, server, stubs, snapshot):
        super().__init__(stubs, snapshot)
        self.driver = RestDriver(server)

    def close(self):
        self.driver.close()

    def call(self, call, fields, token):
        method, _, _ = self.services[call.rpc]
        verb, path, query, body = transcoding.request_for(
            method, fields, call.binding)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        arguments = {"json": body, "params": query}
        if call.rpc == "UploadPhoto":
            headers["Content-Type"] = "image/jpeg"
            arguments = {"data": self.snapshot, "params": body}
        elif call.rpc == "WatchFeed":
            headers["Accept"] = "application/x-ndjson"
        answer = self.driver.http.request(
            verb, self.driver.base.replace("/v1/", path), headers=headers,
            timeout=PATIENCE, stream=call.rpc == "WatchFeed", **arguments)
        if answer.status_code >= 400:
            failed = self.driver.failed(answer)
            assert answer.status_code == HTTP_CODES[failed.code], answer.text
            return failed.reason, said(failed)
        if call.rpc == "DownloadPhoto":
            return "OK", {"type": answer.headers["Content-Type"],
                          "etag": answer.headers["ETag"],
                          "length": int(answer.headers["Content-Length"]),
                          "bytes": answer.content}
        if call.rpc == "WatchFeed":
            return "OK", self.watch(answer)
        return "OK", answer.json() if answer.content else {}

    def watch(self, answer):
        self.publish()
        with contextlib.closing(answer):
            return json.loads(next(line for line in answer.iter_lines()
                                   if line))


def said(failed):
    """An error, as both doors tell it."""
    return {"code": failed.code, "message": failed.message,
            "details": failed.status.get("details", [])}


class Sameness:
    """Replaces what differs between two servers with the same history."""

    TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
    ID = re.compile(r"(?<=sessions/)[^/\s]+|(?<=backups/)[\w-]+|"
                    r"(?<=/)\d{5,}")
    # What says nothing to the other server.
    OPAQUE = re.compile(
        r".*[tT]oken|requestId|instanceId|etag|path|duration|"
        r"databaseBytes")

    def __init__(self):
        self.ids = {}

    def of(self, value, key=""):
        if isinstance(value, dict):
            return {name: self.of(one, name)
                    for name, one in sorted(value.items())}
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if value and self.OPAQUE.fullmatch(key):
            return "opaque"
        if not isinstance(value, str):
            return value
        value = self.TIME.sub("TIME", value)
        return self.ID.sub(lambda match: self.ids.setdefault(
            match.group(), f"#{len(self.ids)}"), value)


def tell(door, administrator):
    """What each call of the story was answered."""
    kept, answers = {}, []
    tokens = {None: None, "root": administrator}
    same = Sameness()

    def publish():
        door.call(Call("UploadPhoto"), {"caption": "seen"}, tokens["ansel"])

    door.publish = publish
    for call in STORY:
        request = fill(call.request, kept)
        outcome, answer = door.call(call, request, tokens[call.who])
        assert outcome == call.outcome, f"{call}: {outcome} {answer}"
        if call.keep:
            kept[call.keep] = answer[call.field]
        if call.signs_in:
            tokens[call.signs_in] = answer["token"]
        answers.append((call.rpc, outcome, same.of(answer)))
    return answers


def fill(value, kept):
    if isinstance(value, dict):
        return {name: fill(one, kept) for name, one in value.items()}
    if isinstance(value, str) and value.startswith("{"):
        return kept[value.strip("{}")]
    return value


@contextlib.contextmanager
def world(folder, stubs):
    """A server and its administrator's token."""
    folder.mkdir()
    data = folder / "data"
    with running(Server(data)) as server:
        root = GrpcDriver(server, stubs)
        root.register("root")
        root.close()
    admin(data, "grant", "root")
    with running(Server(data, "--backup-dir", folder / "backups",
                        "--allow-import")) as server:
        root = GrpcDriver(server, stubs)
        root.login("root")
        root.close()
        yield server, root.token


@pytest.fixture(scope="module")
def over_grpc(stubs, snapshot, tmp_path_factory):
    folder = tmp_path_factory.mktemp("grpc") / "world"
    with world(folder, stubs) as (server, administrator):
        door = GrpcDoor(server, stubs, snapshot)
        yield tell(door, administrator)
        door.close()


@pytest.mark.parametrize("place", ["in the server", "a process of its own"])
def test_json_and_grpc_get_the_same_answers(
        place, over_grpc, stubs, snapshot, tmp_path):
    with world(tmp_path / "world", stubs) as (server, administrator):
        if place == "in the server":
            over_json = tell(RestDoor(server, stubs, snapshot), administrator)
        else:
            with running(Gateway(server.grpc, tmp_path)) as gateway:
                over_json = tell(RestDoor(gateway, stubs, snapshot),
                                 administrator)

    assert len(over_json) == len(over_grpc)
    for json_answer, grpc_answer in zip(over_json, over_grpc):
        assert json_answer == grpc_answer


def test_every_rpc_is_in_the_story_and_fails_there_too(stubs, snapshot):
    everything = set(Door(stubs, snapshot).services)
    succeed = {call.rpc for call in STORY if call.outcome == "OK"}
    fail = {call.rpc for call in STORY if call.outcome != "OK"}

    assert succeed == everything - CANNOT_SUCCEED
    assert fail == everything - CANNOT_FAIL
