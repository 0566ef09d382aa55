# SPDX-License-Identifier: Apache-2.0
"""Lists: the request of each, and the way through its pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from google.protobuf.message import Message

from pinhole import v1
from pinhole.names import photo_name, user_name

_LARGEST_PAGE = 100


class Page(Protocol):
    next_page_token: str


RequestT = TypeVar("RequestT", bound=Message)
PageT = TypeVar("PageT", bound=Page)
EntryT = TypeVar("EntryT")


class Pages(Generic[RequestT, PageT, EntryT]):
    """The way through the pages of a list until it has returned `limit` entries
    (None means all) or there are no more."""

    def __init__(
        self,
        request: RequestT,
        entries: Callable[[PageT], Sequence[EntryT]],
        limit: int | None,
    ) -> None:
        """`request` has the fields `page_size` and `page_token`."""
        self._request = request
        self._entries = entries
        self._left = math.inf if limit is None else limit
        self._more = True

    def request(self) -> RequestT | None:
        """Returns the request for the next page, or None at the end."""
        if not self._more or self._left <= 0:
            return None
        setattr(self._request, "page_size", int(min(self._left, _LARGEST_PAGE)))
        return self._request

    def take(self, page: PageT) -> Sequence[EntryT]:
        """Returns the entries of the page that `request` asked for."""
        entries = self._entries(page)
        self._left -= len(entries)
        self._more = bool(page.next_page_token)
        setattr(self._request, "page_token", page.next_page_token)
        return entries


def feed(limit: int | None) -> Pages[v1.GetFeedRequest, v1.GetFeedResponse, v1.Photo]:
    return Pages(v1.GetFeedRequest(), lambda page: page.photos, limit)


def recent_photos(
    limit: int | None,
) -> Pages[v1.ListRecentPhotosRequest, v1.ListRecentPhotosResponse, v1.Photo]:
    return Pages(v1.ListRecentPhotosRequest(), lambda page: page.photos, limit)


def photos_of(
    user: str, limit: int | None
) -> Pages[v1.ListPhotosRequest, v1.ListPhotosResponse, v1.Photo]:
    request = v1.ListPhotosRequest(parent=user_name(user))
    return Pages(request, lambda page: page.photos, limit)


def search_users(
    prefix: str, limit: int | None
) -> Pages[v1.SearchUsersRequest, v1.SearchUsersResponse, v1.User]:
    return Pages(v1.SearchUsersRequest(query=prefix), lambda page: page.users, limit)


def followers(
    user: str, limit: int | None
) -> Pages[v1.ListFollowersRequest, v1.ListFollowersResponse, v1.User]:
    request = v1.ListFollowersRequest(parent=user_name(user))
    return Pages(request, lambda page: page.users, limit)


def following(
    user: str, limit: int | None
) -> Pages[v1.ListFollowingRequest, v1.ListFollowingResponse, v1.User]:
    request = v1.ListFollowingRequest(parent=user_name(user))
    return Pages(request, lambda page: page.users, limit)


def likes(
    photo: str, limit: int | None
) -> Pages[v1.ListLikesRequest, v1.ListLikesResponse, v1.Like]:
    request = v1.ListLikesRequest(parent=photo_name(photo))
    return Pages(request, lambda page: page.likes, limit)


def comments(
    photo: str, limit: int | None
) -> Pages[v1.ListCommentsRequest, v1.ListCommentsResponse, v1.Comment]:
    request = v1.ListCommentsRequest(parent=photo_name(photo))
    return Pages(request, lambda page: page.comments, limit)


def notifications(
    limit: int | None,
) -> Pages[v1.ListNotificationsRequest, v1.ListNotificationsResponse, v1.Notification]:
    return Pages(v1.ListNotificationsRequest(), lambda page: page.notifications, limit)


def blocks(
    limit: int | None,
) -> Pages[v1.ListBlocksRequest, v1.ListBlocksResponse, str]:
    return Pages(v1.ListBlocksRequest(), lambda page: page.users, limit)


def sessions(
    limit: int | None,
) -> Pages[v1.ListSessionsRequest, v1.ListSessionsResponse, v1.Session]:
    request = v1.ListSessionsRequest(parent="users/me")
    return Pages(request, lambda page: page.sessions, limit)
