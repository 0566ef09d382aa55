# SPDX-License-Identifier: Apache-2.0
"""What clients were promised: every call, when it began and how it ended.

Kept in the process of the test, so that nothing the server does can lose it.
A fact is a key such as ("like", "ansel", "photo 7") and is true or false. Only
one client changes a fact, one call after the other, so at every moment its
history says what may be found: the last acknowledged value or, while a call is
in flight, that call's value too, and nothing else.
"""

import dataclasses
import threading
import time

FOREVER = 1 << 62


@dataclasses.dataclass
class Act:
    """One call that makes a fact `value`."""
    value: bool
    start: int
    end: int = FOREVER  # FOREVER: never answered.


class Ledger:
    def __init__(self):
        self._lock = threading.Lock()
        self._acts = {}
        self.acknowledged = 0

    def begin(self, key, value):
        act = Act(value, time.monotonic_ns())
        with self._lock:
            self._acts.setdefault(key, []).append(act)
        return act

    def acknowledge(self, act):
        with self._lock:
            act.end = min(act.end, time.monotonic_ns())
            self.acknowledged += 1

    def witness(self, key, value, start):
        """A read that began at `start` has just shown the fact as `value`.
        Whether that is permitted; from now on it cannot be revoked."""
        with self._lock:
            now = time.monotonic_ns()
            if value not in self.allowed(key, now, start):
                return False
            *earlier, last = self._acts.get(key) or [Act(False, 0, 0)]
            if (last.value == value
                    and value not in values_of(earlier, now, start)):
                last.end = min(last.end, now)
            return True

    def refuse(self, key, act):
        """The server said that the call has no effect."""
        with self._lock:
            self._acts[key].remove(act)

    def move(self, key, to, act):
        """The answer told which fact it was."""
        with self._lock:
            self._acts[key].remove(act)
            self._acts.setdefault(to, []).append(act)

    def keys(self):
        return list(self._acts)

    def allowed(self, key, last=FOREVER, following=FOREVER):
        """What `key` may be on a disk that took nothing after the moment
        `last` and did not change again before `following`."""
        return values_of(self._acts.get(key, []), last, following)

    def settle(self, key, value):
        """After a look at the server: this is how it is from now on."""
        with self._lock:
            self._acts[key] = [Act(value, 0, time.monotonic_ns())]


def values_of(acts, last=FOREVER, following=FOREVER):
    values = {False}
    for act in acts:
        if act.start > last:
            break
        if act.end < following:
            values = {act.value}
        else:
            values.add(act.value)
    return values
