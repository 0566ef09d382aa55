# SPDX-License-Identifier: Apache-2.0
"""Looks at the database and the photos that servers share, while no call is in
progress."""

import json

from findings import EFFECTS_OF_REQUESTS, Examination

# Each must find no row.
NO_ROWS = {
    "wrong like_count":
        "SELECT id FROM photos p WHERE like_count <> (SELECT count(*) FROM "
        "likes WHERE owner_id = p.owner_id AND photo_id = p.id)",
    "wrong comment_count":
        "SELECT id FROM photos p WHERE comment_count <> (SELECT count(*) FROM "
        "comments WHERE owner_id = p.owner_id AND photo_id = p.id)",
    "wrong public_photo_count":
        "SELECT handle FROM users u WHERE public_photo_count <> (SELECT "
        "count(*) FROM photos WHERE owner_id = u.id AND visibility = 1)",
    "wrong follower_count":
        "SELECT handle FROM users u WHERE follower_count <> "
        "(SELECT count(*) FROM follows WHERE followee_id = u.id)",
    "wrong following_count":
        "SELECT handle FROM users u WHERE following_count <> "
        "(SELECT count(*) FROM follows WHERE follower_id = u.id)",
    "photo without a directory entry":
        "SELECT coalesce(p.id, o.photo_id) FROM photos p FULL JOIN "
        "photo_owners o ON o.photo_id = p.id AND o.owner_id = p.owner_id "
        "WHERE p.id IS NULL OR o.photo_id IS NULL",
    # One notification for each like, comment and follow, and no other.
    "effect not notified once":
        "SELECT id FROM (SELECT id, owner_id AS user_id FROM likes "
        "WHERE owner_id <> user_id UNION ALL SELECT id, owner_id "
        "FROM comments WHERE owner_id <> author_id UNION ALL "
        "SELECT id, followee_id FROM follows) effects FULL JOIN "
        "notifications USING (id, user_id) GROUP BY id, user_id "
        "HAVING count(effects) <> 1 OR count(notifications) <> 1",
    **EFFECTS_OF_REQUESTS,
    "id beyond the last one given":
        "SELECT id FROM photos WHERE id > (SELECT last_photo_id FROM meta)",
}

FACTS = {
    "user": "SELECT handle FROM users",
    "photo": "SELECT caption FROM photos",
    "like": "SELECT handle, caption FROM likes l "
            "JOIN users u ON u.id = l.user_id "
            "JOIN photos p ON p.owner_id = l.owner_id AND p.id = l.photo_id",
    "follow": "SELECT a.handle AS follower, b.handle AS followee "
              "FROM follows f JOIN users a ON a.id = f.follower_id "
              "JOIN users b ON b.id = f.followee_id",
    "comment": "SELECT handle, caption, text FROM comments c "
               "JOIN users u ON u.id = c.author_id "
               "JOIN photos p ON p.owner_id = c.owner_id AND p.id = c.photo_id",
    "session": "SELECT handle, upper(encode(token_hash, 'hex')) "
               "FROM sessions s JOIN users u ON u.id = s.user_id",
}

OTHERS = {
    "photos": "SELECT caption, id::text, file_key, encode(digests, 'hex') "
              "FROM photos",
    "files": "SELECT file_key FROM uploads UNION ALL "
             "SELECT file_key FROM garbage",
}


def rows_of(name, sql):
    """A statement that gives the rows of `sql` as JSON, all in one line."""
    return (f"SELECT json_build_object('name', '{name}', 'rows', "
            f"coalesce(json_agg(to_json(r)), '[]')) FROM ({sql}) r")


class DatabaseFindings(Examination):
    def __init__(self, sql, photos):
        """`sql` runs statements and returns what psql prints."""
        super().__init__(photos)
        queries = {**NO_ROWS, **FACTS, **OTHERS}
        lines = sql("; ".join(rows_of(name, query) for name, query
                              in queries.items())).splitlines()
        answers = [json.loads(line) for line in lines if line[0] == "{"]
        rows = {answer["name"]: [list(row.values()) for row in answer["rows"]]
                for answer in answers}
        assert rows.keys() == queries.keys()
        for name in NO_ROWS:
            self._expect(not rows[name], f"{name}: {rows[name]}")
        self.facts = {(kind, *row) for kind in FACTS for row in rows[kind]}
        self.photos = [(caption, number, key, bytes.fromhex(digests))
                       for caption, number, key, digests in rows["photos"]]
        self._uploads = {key for key, in rows["files"]}
