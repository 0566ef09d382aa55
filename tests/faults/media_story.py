# SPDX-License-Identifier: Apache-2.0
"""Two servers on one PostgreSQL and one place of photos: what they store, and
whether the rows and the files belong together."""

import concurrent.futures
import contextlib
import hashlib
import signal
import subprocess
import uuid

import postgres
from drivers import GrpcDriver
from findings import RENDITIONS
from processes import PATIENCE, eventually
from world import signed

NAMES = {"original", *RENDITIONS}

# COMMITs of photos with such a caption wait for the lock of the test.
HOLD = """
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NEW.caption LIKE 'held%' THEN PERFORM pg_advisory_xact_lock(17); END IF;
RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON photos DEFERRABLE
INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold()
"""
WAITING = ("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND "
           "objsubid = 1 AND objid = 17 AND NOT granted AND database = "
           "(SELECT oid FROM pg_database WHERE datname = current_database())")
GRACE = 24 * 3600 * 1_000_000  # limits::kUploadGrace


class Story:
    """`victim` is the server that is interrupted; `healthy` the other one."""

    def __init__(self, place, stubs, picture):
        self.place = place
        self._stubs = stubs
        self._picture = picture
        self._cluster = postgres.shared()
        self._database = f"media_{uuid.uuid4().hex[:12]}"
        self._cluster.sql(f"CREATE DATABASE {self._database}")
        self._store = ("--store", self._cluster.uri(self._database))
        self._pool = concurrent.futures.ThreadPoolExecutor()
        self._clients = []
        self.originals = {}  # By caption.
        self.victim = None
        self.healthy = place.healthy(*self._store)
        try:
            self.start_victim()
            ansel = GrpcDriver(self.healthy, stubs)
            ansel.register("ansel")
            ansel.login("ansel")
            self._token = ansel.token
            ansel.close()
            self.sql(HOLD)
        except BaseException:
            self.close()
            raise

    def close(self):
        for client in self._clients:
            client.close()
        for server in (self.victim, self.healthy):
            if server is not None:
                server.kill()
        self.place.close()
        self._pool.shutdown()

    def sql(self, text):
        """The rows of the result, as lists of texts."""
        return [line.split("|") for line in
                self._cluster.sql(text, self._database).splitlines()]

    def start_victim(self):
        self.victim = self.place.victim(*self._store)

    def expect_death(self):
        """The victim was killed; starts it again, as it left its folders."""
        code = self.victim.wait()
        assert code == -signal.SIGKILL, f"{code}\n{self.victim.log()}"
        self.victim.kill()
        self.start_victim()
        eventually(lambda: not self.sql("SELECT 1 FROM garbage"),
                   "the files of deleted photos to go")

    def client(self, server):
        client = GrpcDriver(server, self._stubs)
        client.token = self._token
        self._clients.append(client)
        return client

    def upload(self, server, caption, client=None):
        data = self.originals.setdefault(
            caption, signed(self._picture, caption))
        client = client or self.client(server)
        return client.upload_bytes(data, caption=caption)

    def begin_upload(self, server, caption):
        """An upload on a thread of its own."""
        return self._pool.submit(self.upload, server, caption)

    def begin_stream(self, server, caption, until, timeout=PATIENCE):
        """A call that sends the second half of a picture after `until()`."""
        client = self.client(server)
        messages = self._stubs.photo_pb2
        data = self.originals.setdefault(
            caption, signed(self._picture, caption))
        half = len(data) // 2

        def parts():
            yield messages.UploadPhotoRequest(
                metadata=messages.PhotoMetadata(caption=caption))
            yield messages.UploadPhotoRequest(chunk=data[:half])
            until()
            yield messages.UploadPhotoRequest(chunk=data[half:])

        return client.photos.UploadPhoto.future(
            parts(), metadata=client.metadata(), timeout=timeout)

    @contextlib.contextmanager
    def held_commits(self):
        """COMMITs of photos whose captions begin with "held" wait."""
        with subprocess.Popen(
                [*postgres.as_postgres(), postgres.programs() / "psql", "-h",
                 self._cluster.folder, "-U", "postgres", "-d", self._database,
                 "-Atq"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as psql:
            psql.stdin.write("SELECT pg_advisory_lock(17);\n")
            psql.stdin.flush()
            assert psql.stdout.readline() == "\n"
            yield
            psql.stdin.close()

    def waiting_commits(self):
        """The processes of PostgreSQL that wait in such a COMMIT."""
        return [pid for pid, in self.sql(WAITING)]

    def captions(self):
        return {caption for caption, in self.sql("SELECT caption FROM photos")}

    def expire_uploads(self):
        """The grace period passes for what is recorded now."""
        self.sql(f"UPDATE uploads SET create_time = create_time - {GRACE}")

    def maintain(self):
        """Starts the healthy server again, whose maintenance then takes at
        least one turn."""
        mark = uuid.uuid4().hex
        self.sql(f"INSERT INTO uploads VALUES ('{mark}', 0)")
        self.healthy.stop()
        self.healthy = self.place.healthy(*self._store)
        eventually(lambda: not self.sql(
            f"SELECT 1 FROM uploads WHERE file_key = '{mark}' UNION ALL "
            f"SELECT 1 FROM garbage WHERE file_key = '{mark}'"),
            "the maintenance")

    def recorded(self):
        return {key for key, in self.sql("SELECT file_key FROM uploads UNION "
                                         "SELECT file_key FROM garbage")}

    def leftovers(self):
        """The files that no photo has."""
        photos = {key for key, in self.sql("SELECT file_key FROM photos")}
        return self.place.names().keys() - photos

    def problems(self, read=False):
        """Rows without files, and files without a row or a record. With `read`
        also files whose bytes are wrong."""
        found = []
        # A row appears after its files, and a record of garbage goes after them.
        recorded = self.recorded()
        names = self.place.names()
        recorded |= self.recorded()
        rows = self.sql("SELECT file_key, caption, encode(digests, 'hex') "
                        "FROM photos")
        for key, caption, digests in rows:
            if names.pop(key, set()) != NAMES:
                found.append(f"{caption}: files are missing ({key})")
            elif read:
                files = {name: self.place.read(key, name) for name in NAMES}
                if files["original"] != self.originals[caption]:
                    found.append(f"{caption}: another original ({key})")
                if digests != "".join(
                        hashlib.sha256(files[name]).hexdigest()
                        for name in (*RENDITIONS, "original")):
                    found.append(f"{caption}: other digests ({key})")
        for key in names:
            if key.removesuffix(".part") not in recorded:
                found.append(f"files without a row or a record: {key}")
        return found

    def expect_clean(self):
        """Nothing is left but the photos, and these are whole."""
        assert not self.recorded()
        assert not self.leftovers()
        assert not self.problems(read=True)
        eventually(lambda: not self.place.scratch(), "the scratch to be empty")
