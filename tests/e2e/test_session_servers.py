# SPDX-License-Identifier: Apache-2.0
"""A session that is ended on one server is refused by the other one in the next
call, a thousand times."""

import itertools
import subprocess

import grpc
import pytest

from drivers import PASSWORD, CallFailed, GrpcDriver
from installation import installed, needs_postgres
from processes import BIN, PATIENCE, ROOT
from test_streams import watch_grpc

pytestmark = needs_postgres

PICTURE = (ROOT / "tests/fixtures/pictures/plain.jpg").read_bytes()
SIGNED_OUT = 400
REVOKED = 300
# People, and sessions of each.
DELETED = (100, 2)
CHANGED = (20, 5)

# An ended session stays in the database, as it could stay in a cache.
KEEP_SESSIONS = """
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO sessions VALUES (OLD.*); RETURN NULL; END $$;
CREATE TRIGGER keep AFTER DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION keep();
"""


class Town:
    """Two servers, an administrator, and people with sessions."""

    def __init__(self, installation, stubs):
        self.stubs = stubs
        self.servers = [installation.start("--allow-import"),
                        installation.start()]
        self.clients = [GrpcDriver(server, stubs) for server in self.servers]
        self._turns = itertools.cycle([self.clients, self.clients[::-1]])
        root = self.clients[0]
        root.register("root")
        subprocess.run(
            [BIN / "pinhole-server", "admin", "grant", "root", "--data-dir",
             installation.folder, "--store", installation.store], check=True,
            timeout=PATIENCE)
        root.login("root")
        self.root = root.token

    def people(self, prefix, number, sessions, password=""):
        """The handle and the tokens of each of `number` new people."""
        messages = self.stubs.admin_pb2
        handles = [f"{prefix}{i}" for i in range(number)]
        request = messages.ImportUsersRequest(
            users=[messages.UserToImport(handle=handle) for handle in handles],
            password=password, with_sessions=True)
        client = self.clients[0]
        client.token = self.root
        answers = [client.call(client.admin.ImportUsers, request)["users"]
                   for _ in range(sessions)]
        return [(handle, [answer[i]["token"] for answer in answers])
                for i, handle in enumerate(handles)]

    def known_after(self, tokens, end):
        """Those of `tokens` that the other server accepts in the first call
        after `end` has ended their sessions.  Both take turns as the server
        where they are ended."""
        here, there = next(self._turns)
        for token in tokens:
            assert knows(there, token)
        end(here)
        return [token for token in tokens if knows(there, token)]

    def known_after_signing_out(self, people):
        known = []
        for _, [token] in people:
            known += self.known_after([token], lambda here, of=token:
                                      signed_in(here, of).logout())
        return known

    def known_after_revocation(self, people):
        """Of the second session by the first."""
        def revoke(here, token, other):
            signed_in(here, token)
            [name] = [session["name"] for session in here.call(
                here.users.ListSessions,
                self.stubs.user_pb2.ListSessionsRequest(parent="users/me"))
                ["sessions"] if not session["current"]]
            here.call(here.users.DeleteSession,
                      self.stubs.user_pb2.DeleteSessionRequest(name=name))

        known = []
        for _, [token, other] in people:
            known += self.known_after(
                [other], lambda here, t=token, o=other: revoke(here, t, o))
            assert all(knows(client, token) for client in self.clients)
        return known

    def known_after_change_of_password(self, people, password):
        known = []
        for handle, [token, *others] in people:
            request = self.stubs.user_pb2.ChangePasswordRequest(
                name=f"users/{handle}", old_password=password,
                new_password=f"{password} no longer")
            known += self.known_after(
                others, lambda here, t=token, r=request: here.call(
                    signed_in(here, t).users.ChangePassword, r))
            assert all(knows(client, token) for client in self.clients)
        return known

    def known_after_deletion(self, people):
        """Of the account, by an administrator."""
        known = []
        for handle, tokens in people:
            request = self.stubs.user_pb2.DeleteUserRequest(
                name=f"users/{handle}", password=PASSWORD)
            known += self.known_after(
                tokens, lambda here, r=request: here.call(
                    signed_in(here, self.root).users.DeleteUser, r))
        return known

    def close(self):
        for client in self.clients:
            client.close()
        for server in self.servers:
            server.stop()


def signed_in(client, token):
    client.token = token
    return client


def knows(client, token):
    """Whether the server accepts the session."""
    try:
        signed_in(client, token).whoami()
    except CallFailed as refused:
        assert refused.code == "UNAUTHENTICATED", refused
        return False
    return True


@pytest.fixture
def installation(tmp_path):
    with installed(tmp_path / "installation") as made:
        yield made


@pytest.fixture
def town(installation, stubs):
    made = Town(installation, stubs)
    yield made
    made.close()


def test_no_server_accepts_a_session_that_was_ended_on_another(town):
    people = town.people("out", SIGNED_OUT, 1)
    assert town.known_after_signing_out(people) == []

    people = town.people("revoked", REVOKED, 2)
    assert town.known_after_revocation(people) == []

    people = town.people("changed", CHANGED[0], CHANGED[1] + 1, PASSWORD)
    assert town.known_after_change_of_password(people, PASSWORD) == []

    people = town.people("deleted", *DELETED)
    assert town.known_after_deletion(people) == []


def test_sessions_that_a_server_still_finds_would_be_noticed(
        installation, town):
    """The control."""
    installation.sql(KEEP_SESSIONS)

    people = town.people("out", 4, 1)
    assert len(town.known_after_signing_out(people)) == 4
    people = town.people("revoked", 4, 2)
    assert len(town.known_after_revocation(people)) == 4
    people = town.people("changed", 2, 3, PASSWORD)
    assert len(town.known_after_change_of_password(people, PASSWORD)) == 4


def test_a_watch_ends_with_a_session_that_is_ended_on_another_server(town):
    [(_, [token])] = town.people("watcher", 1, 1)
    here, there = town.clients
    watching = watch_grpc(signed_in(there, token))
    photo = there.upload_bytes(PICTURE)["name"]
    assert watching.next()[0] == photo

    signed_in(here, token).logout()

    assert watching.next() is None
    assert watching.error.code() == grpc.StatusCode.UNAUTHENTICATED
    watching.close()
