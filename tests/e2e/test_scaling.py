# SPDX-License-Identifier: Apache-2.0
"""The table of machines in docs/scaling.md follows from the assumptions above
it."""

import re

import pytest

from processes import ROOT

TEXT = (ROOT / "docs/scaling.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")]
        for line in TEXT.splitlines() if line.startswith("|")]
BUSIEST = 3 / 86_400  # Of a day's calls, in a second of the busiest hour.


def numbers(cell):
    return [float(number.replace(",", ""))
            for number in re.findall(r"\d[\d,]*(?:\.\d+)?", cell)]


def assumed(beginning):
    """The numbers that a row assumes."""
    [row] = [row for row in ROWS if row[0].startswith(beginning)
             and len(row) in (2, 3)]
    return numbers(row[1])


def day():
    """What one user causes in a day."""
    [feeds], [others] = assumed("feed pages"), assumed("photos, profiles")
    [downloads], [uploads] = assumed("renditions downloaded"), assumed("uploads")
    [logins] = assumed("sign-ins")
    reactions = assumed("likes, comments, follows")
    writes = sum(reactions) + uploads + logins
    calls = feeds + others + writes
    by_key, feed_page, write = assumed("CPU of PostgreSQL")
    sizes = assumed("rows of a like")
    return {
        "calls": calls,
        "writes": writes,
        "downloads": downloads,
        "stored MB": uploads * assumed("photo with its three")[0],
        "row bytes": sum(count * size for count, size in
                         zip([*reactions, uploads], sizes)),
        "server ms": calls * assumed("CPU of a call")[0]
                     + downloads * assumed("CPU of a download")[0]
                     + uploads * assumed("CPU of an upload")[0]
                     + logins * assumed("CPU of a sign-in")[0],
        "database ms": (calls + others + 2 * downloads) * by_key
                       + feeds * feed_page + writes * write,
    }


def test_a_day_is_the_sum_of_what_is_assumed():
    one = day()

    assert f"**{one['calls']:.2f} calls**" in TEXT
    assert f"**{one['writes']:.2f} write**" in TEXT
    assert f"**{one['server ms']:.0f} ms of CPU**" in TEXT
    assert f"**{one['database ms']:.0f} ms of CPU**" in TEXT
    assert f"**{one['stored MB'] * 365:.0f} MB in a year**" in TEXT
    assert (f"**{one['row bytes'] * 365 / 1e6:.1f} MB in a year**"
            in TEXT.replace("\n  ", " "))


@pytest.mark.parametrize("row", [row for row in ROWS if len(row) == 10
                                 and row[0][0].isdigit()],
                         ids=lambda row: row[0])
def test_a_row_of_the_table_is_what_its_users_need(row):
    one = day()
    users, *figures = [numbers(cell)[0] for cell in row[:9]]
    megabytes = assumed("rendition, on average")[0]

    assert figures == pytest.approx([
        users * one["calls"] * BUSIEST,
        users * one["writes"] * BUSIEST,
        users * one["downloads"] * BUSIEST,
        users * one["downloads"] * BUSIEST * megabytes * 8 / 1000,
        users * one["stored MB"] * 365 / 1e6,
        users * one["row bytes"] * 365 / 1e9,
        # Half used.
        2 * users * one["server ms"] / 1000 * BUSIEST,
        2 * users * one["database ms"] / 1000 * BUSIEST], rel=0.09)


def test_the_table_has_rows():
    assert len([row for row in ROWS if len(row) == 10]) == 8
