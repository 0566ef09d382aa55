# SPDX-License-Identifier: Apache-2.0
"""The newcomer's story, told once, lived over every way into Pinhole."""

import pytest

import drivers
import pictures as picture
from conftest import People
from drivers import PASSWORD, CallFailed
from processes import Server, running

RENDITIONS = {"thumbnail": 320, "medium": 1080, "large": 2048}


def live(newcomer, friend, photograph):
    """`newcomer` arrives where `friend` has been for a while."""
    shared = friend.upload(photograph, caption="Welcome")

    newcomer.register("newcomer", display_name="New Comer")
    newcomer.login("newcomer")
    assert newcomer.whoami()["handle"] == "newcomer"

    photo = newcomer.upload(photograph, caption="First light")
    assert photo["caption"] == "First light"
    assert photo["owner"] == "users/newcomer"
    size = picture.jpeg_size(photograph.read_bytes())
    assert (photo["width"], photo["height"]) == size
    download_every_rendition(newcomer, photo["name"], size)
    original = newcomer.download(photo["name"], "original")
    assert original == photograph.read_bytes()

    assert names(newcomer.feed()) == [photo["name"]]
    assert newcomer.follow("users/friend")["following"]
    assert names(newcomer.feed()) == [photo["name"], shared["name"]]

    assert newcomer.like(shared["name"])["likeCount"] == 1
    assert newcomer.like(shared["name"])["likeCount"] == 1
    comment = newcomer.comment(shared["name"], "What a view")
    assert comment["text"] == "What a view"
    seen = newcomer.get_photo(shared["name"])
    assert (seen["likeCount"], seen["commentCount"]) == (1, 1)
    assert seen["liked"]
    assert [c["text"] for c in newcomer.comments(shared["name"])] == [
        "What a view"]
    assert [(n["kind"], n["actor"]) for n in friend.notifications()] == [
        ("KIND_COMMENT", "users/newcomer"),
        ("KIND_LIKE", "users/newcomer"),
        ("KIND_FOLLOW", "users/newcomer")]

    assert newcomer.unlike(shared["name"])["likeCount"] == 0
    assert not newcomer.unfollow("users/friend")["following"]
    assert names(newcomer.feed()) == [photo["name"]]
    newcomer.delete_photo(photo["name"])
    assert newcomer.feed() == []

    token = newcomer.token
    newcomer.logout()
    newcomer.token = token
    with pytest.raises(CallFailed) as refused:
        newcomer.feed()
    assert refused.value.code == "UNAUTHENTICATED"


def download_every_rendition(client, photo, size):
    for rendition, limit in RENDITIONS.items():
        data = client.download(photo, rendition)
        assert picture.jpeg_size(data) == picture.fit(*size, limit), rendition
        assert not picture.has_exif(data), rendition


def names(photos):
    return [photo["name"] for photo in photos]


@pytest.mark.parametrize(
    "kind", [drivers.GrpcDriver, drivers.RestDriver, drivers.CommandLineDriver],
    ids=lambda kind: kind.name)
def test_newcomer(kind, people, photograph):
    live(people.stranger(kind), people("friend"), photograph)


def test_newcomer_through_a_gateway_of_its_own(gateway, people, photograph):
    newcomer = people.stranger(drivers.RestDriver, gateway)

    live(newcomer, people("friend"), photograph)


# Every setting for measuring, alone and all together: the answers are the same.
MEASURING = {
    "naive": ["--profile", "naive"],
    "connections": ["--connections", "per-operation"],
    "writes": ["--writes", "direct"],
    "cache": ["--cache-mib", "0"],
    "hashing": ["--hashing", "inline"],
}


@pytest.mark.parametrize("options", MEASURING.values(), ids=MEASURING.keys())
def test_newcomer_while_measuring(options, tmp_path, stubs, photograph):
    with running(Server(tmp_path / "data", *options)) as server:
        people = People(drivers.GrpcDriver, server, stubs, tmp_path)
        live(people.stranger(), people("friend"), photograph)
        people.close()
        assert "(for measuring only)" in server.log_path.read_text()


def test_rest_and_grpc_give_the_same_answer(people, photograph):
    over_grpc = people("ansel", display_name="Ansel")
    over_rest = people.stranger(drivers.RestDriver)
    over_rest.login("ansel", PASSWORD)
    photo = over_grpc.upload(photograph)["name"]

    assert over_rest.whoami() == over_grpc.whoami()
    assert over_rest.get_photo(photo) == over_grpc.get_photo(photo)
