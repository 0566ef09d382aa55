# SPDX-License-Identifier: Apache-2.0
"""Looks at what is stored: is it whole, and does it hold what was promised?"""

import contextlib
import hashlib
import sqlite3

from pictures import jpeg_size

RENDITIONS = ("thumbnail.jpg", "medium.jpg", "large.jpg")

# Each must find no row, with any store.
EFFECTS_OF_REQUESTS = {
    "create that does not remember its request":
        "SELECT id FROM photos WHERE caption LIKE 'once%' AND id NOT IN "
        "(SELECT result_id FROM requests) UNION ALL "
        "SELECT id FROM comments WHERE text LIKE 'once%' AND id NOT IN "
        "(SELECT result_id FROM requests)",
    "comment made twice":
        "SELECT text FROM comments GROUP BY text HAVING count(*) > 1",
    "photo made twice":
        "SELECT caption FROM photos GROUP BY caption HAVING count(*) > 1",
}

# Each must find no row.
NO_ROWS = {
    "wrong like_count":
        "SELECT id FROM photos p WHERE like_count != "
        "(SELECT count(*) FROM likes WHERE photo_id = p.id)",
    "wrong comment_count":
        "SELECT id FROM photos p WHERE comment_count != "
        "(SELECT count(*) FROM comments WHERE photo_id = p.id)",
    "wrong public_photo_count":
        "SELECT handle FROM users u WHERE public_photo_count != (SELECT "
        "count(*) FROM photos WHERE owner_id = u.id AND visibility = 1)",
    "wrong follower_count":
        "SELECT handle FROM users u WHERE follower_count != "
        "(SELECT count(*) FROM follows WHERE followee_id = u.id)",
    "wrong following_count":
        "SELECT handle FROM users u WHERE following_count != "
        "(SELECT count(*) FROM follows WHERE follower_id = u.id)",
    "like without notification":
        "SELECT l.id FROM likes l JOIN photos p ON p.id = l.photo_id "
        "WHERE p.owner_id != l.user_id AND NOT EXISTS (SELECT 1 FROM "
        "notifications n WHERE n.user_id = p.owner_id AND n.id = l.id)",
    "comment without notification":
        "SELECT c.id FROM comments c JOIN photos p ON p.id = c.photo_id "
        "WHERE p.owner_id != c.author_id AND NOT EXISTS (SELECT 1 FROM "
        "notifications n WHERE n.user_id = p.owner_id AND n.id = c.id)",
    "follow without notification":
        "SELECT f.id FROM follows f WHERE NOT EXISTS (SELECT 1 FROM "
        "notifications n WHERE n.user_id = f.followee_id AND n.id = f.id)",
    "notification of nothing":
        "SELECT id FROM notifications WHERE id NOT IN (SELECT id FROM likes "
        "UNION ALL SELECT id FROM comments UNION ALL SELECT id FROM follows)",
    "create that does not remember its request":
        "SELECT id FROM photos WHERE caption LIKE 'once%' AND id NOT IN "
        "(SELECT result_id FROM requests) UNION ALL "
        "SELECT id FROM comments WHERE text LIKE 'once%' AND id NOT IN "
        "(SELECT result_id FROM requests)",
    "comment made twice":
        "SELECT text FROM comments GROUP BY text HAVING count(*) > 1",
    "photo made twice":
        "SELECT caption FROM photos GROUP BY caption HAVING count(*) > 1",
    "id beyond the last one given":
        "SELECT id FROM photos WHERE id > (SELECT last_id FROM meta)",
}

FACTS = {
    "user": "SELECT handle FROM users",
    "photo": "SELECT caption FROM photos",
    "like": "SELECT handle, caption FROM likes l JOIN users u "
            "ON u.id = l.user_id JOIN photos p ON p.id = l.photo_id",
    "follow": "SELECT a.handle, b.handle FROM follows f JOIN users a "
              "ON a.id = f.follower_id JOIN users b ON b.id = f.followee_id",
    "comment": "SELECT handle, caption, text FROM comments c JOIN users u "
               "ON u.id = c.author_id JOIN photos p ON p.id = c.photo_id",
    "session": "SELECT handle, hex(token_hash) FROM sessions s JOIN users u "
               "ON u.id = s.user_id",
}


class Examination:
    """What a database and the directory `photos` hold, and what is wrong with
    it. Subclasses load the rows."""

    def __init__(self, photos):
        self._directory = photos
        self.problems = []
        self.facts = set()
        self.photos = []  # (caption, number, file key, digests)
        self._uploads = set()  # Keys of files that need no photo.

    def _expect(self, condition, problem):
        if not condition:
            self.problems.append(problem)

    def check_files(self, originals):
        """Every row has its files, whole; files without a row are recorded as
        an upload. `originals` has the bytes sent for each caption."""
        folders = {path.name: path for path in self._directory.glob("*/*")}
        keys = {key for _, _, key, _ in self.photos}
        for key in folders.keys() - keys - self._uploads:
            self.problems.append(f"files without a record: {key}")
        for key in keys & self._uploads:
            self.problems.append(f"a photo that is an upload: {key}")
        for caption, _, key, expected in self.photos:
            if key not in folders:
                self.problems.append(f"{caption} has no files ({key})")
                continue
            try:
                original = (folders[key] / "original").read_bytes()
                self._expect(original == originals[caption],
                             f"{caption} has another original than was sent")
                digests = b""
                for name in RENDITIONS:
                    rendition = (folders[key] / name).read_bytes()
                    jpeg_size(rendition)
                    digests += hashlib.sha256(rendition).digest()
                digests += hashlib.sha256(original).digest()
                self._expect(digests == expected,
                             f"{caption} has other digests than its files")
            except (OSError, AssertionError) as error:
                self.problems.append(f"{caption}: {error!r}")

    def check_promises(self, ledger, last=None, following=None):
        """Every fact is as the ledger allows; `last` and `following` as there.
        """
        moment = () if last is None else (last, following)
        known = set(ledger.keys())
        for key in known | self.facts:
            found = key in self.facts
            asked = key
            if key[0] == "session" and key not in known:
                asked = unanswered_session(key[1])
            allowed = ledger.allowed(asked, *moment)
            if found in allowed or self._left_with_its_owner(key, found):
                continue
            word = "is there" if found else "is lost"
            self.problems.append(f"{key} {word}, allowed: {allowed}")

    def _left_with_its_owner(self, key, found):
        return not found and any(need not in self.facts for need in needs(key))

    def photo_names(self):
        return {caption: f"photos/{number}"
                for caption, number, _, _ in self.photos}

    def settle(self, ledger):
        for key in set(ledger.keys()) | self.facts:
            ledger.settle(key, key in self.facts)


class Findings(Examination):
    """What a data folder holds while a server runs on it."""

    def __init__(self, data):
        super().__init__(data / "photos")
        self._data = data
        with contextlib.closing(sqlite3.connect(
                f"file:{data / 'pinhole.db'}?mode=ro", uri=True)) as db:
            self._check_rows(db)
            self.facts = {
                (kind, *row) for kind, sql in FACTS.items()
                for row in db.execute(sql)}
            self.photos = db.execute("SELECT caption, id, file_key, digests "
                                     "FROM photos").fetchall()
            garbage = db.execute("SELECT file_key FROM garbage").fetchall()
            self._uploads = {
                key for key, in db.execute("SELECT file_key FROM uploads")}
        self._expect(not garbage, f"garbage left after the start: {garbage}")

    def check_files(self, originals):
        super().check_files(originals)
        self._expect(not list(self._data.glob("tmp/*")), "unfinished uploads")

    def _check_rows(self, db):
        integrity = db.execute("PRAGMA integrity_check").fetchall()
        self._expect(integrity == [("ok",)], f"integrity_check: {integrity}")
        foreign = db.execute("PRAGMA foreign_key_check").fetchall()
        self._expect(not foreign, f"foreign_key_check: {foreign}")
        for name, sql in NO_ROWS.items():
            rows = db.execute(sql).fetchall()
            self._expect(not rows, f"{name}: {rows}")


def needs(key):
    """The facts without which `key` cannot be: it goes when they go."""
    kind, *parts = key
    if kind == "photo":
        return [("user", owner_in(parts[0]))]
    if kind in ("like", "comment"):
        return [("user", parts[0]), ("photo", parts[1])]
    if kind == "follow":
        return [("user", name) for name in parts]
    if kind == "session":
        return [("user", parts[0])]
    return []


def caption_of(owner, number):
    """Starts with a word that says: sent with a request id."""
    return f"once {owner} {number}"


def owner_in(caption):
    return caption.split()[1]


def unanswered_session(handle):
    """The fact that a login went through whose token nobody knows."""
    return ("session", handle, "")


def token_key(handle, token):
    """The fact that a session exists, as the database knows it."""
    return ("session", handle, hashlib.sha256(token.encode()).hexdigest()
            .upper())
