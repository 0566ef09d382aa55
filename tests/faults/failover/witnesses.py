# SPDX-License-Identifier: Apache-2.0
"""People who also look at what others do, through any server. What somebody was
told must have been promised, and must not be revoked later."""

import time

from drivers import CallFailed
from findings import needs
from fleet import Client
from world import Person, World

SHORT = 0.3  # Deadlines of the impatient, in seconds.


class Revoked(Exception):
    """An answer that contradicts an earlier one."""


class Witness(Person):
    def meet(self, server):
        super().meet(server)
        if self is self.world.people[-1]:
            self.client.patience = SHORT

    def act(self):
        if self.token is not None and not self.unfinished:
            if self.random.random() < 0.3:
                self.look()
                return
        super().act()

    def look(self):
        """At something."""
        caption, name = self.any_photo()
        if caption is None or self.random.random() < 0.3:
            self.look_at_follows(self.random.choice(
                [person.handle for person in self.world.people
                 if person.token is not None]))
        else:
            self.look_at_photo(caption, name)

    def look_at_photo(self, caption, name):
        start = time.monotonic_ns()
        try:
            self.client.get_photo(name)
        except CallFailed as failure:
            if failure.code != "NOT_FOUND":
                raise
            self.saw(("photo", caption), False, start)
            return
        self.saw(("photo", caption), True, start)
        try:
            start = time.monotonic_ns()
            likes = {like["user"] for like in self.client.likes(name)}
            for handle in self.world.handles():
                self.saw(("like", handle, caption),
                         f"users/{handle}" in likes, start)
            start = time.monotonic_ns()
            known = self.world.ledger.keys()
            texts = {comment["text"] for comment in self.all_comments(name)}
        except CallFailed as failure:
            if failure.code != "NOT_FOUND":
                raise
            return  # Deleted meanwhile.
        for key in known:
            if key[0] == "comment" and key[2] == caption:
                if key[1] in self.world.handles():
                    self.saw(key, key[3] in texts, start)

    def all_comments(self, name):
        token = None
        while token != "":
            page = self.client.comment_page(name, token)
            yield from page["comments"]
            token = page["nextPageToken"]

    def look_at_follows(self, handle):
        start = time.monotonic_ns()
        users = {user["handle"]
                 for user in self.client.following(f"users/{handle}")}
        for other in self.world.handles():
            if other != handle:
                self.saw(("follow", handle, other), other in users, start)

    def saw(self, key, value, start):
        ledger = self.world.ledger
        left_with_its_owner = not value and any(
            False in ledger.allowed(need, time.monotonic_ns(), start)
            for need in needs(key))
        if not (ledger.witness(key, value, start) or left_with_its_owner):
            raise Revoked(f"{self.handle} is told that {key} is {value}, "
                          "against what was answered before")


class SharedWorld(World):
    """Over a fleet of servers."""

    driver = Client

    def person(self, handle, seed):
        return Witness(self, handle, seed)

    def handles(self):
        """Of those who do not delete their accounts."""
        return [person.handle for person in self.people]

    def look_around(self, fleet, photos):
        """Everybody is still signed in, and follows and some photos are as
        they have to be."""
        chosen = list(self.photos.items())[-photos:]
        for number, person in enumerate(self.people):
            person.meet(fleet)
            try:
                assert person.client.whoami()["handle"] == person.handle
                person.look_at_follows(person.handle)
                for caption, name in chosen[number::len(self.people)]:
                    person.look_at_photo(caption, name)
            finally:
                person.client.close()
