// SPDX-License-Identifier: Apache-2.0

package pinhole

import (
	"context"
	"iter"
	"math"

	"pinhole.example/go/pinholev1"
)

const maxPageSize = 100

// A ListOption changes how a list is read.
type ListOption func(*listSettings)

type listSettings struct{ limit int }

// WithLimit ends a list after at most n entries.
func WithLimit(n int) ListOption {
	return func(s *listSettings) { s.limit = n }
}

// Feed returns the photos of the caller and of the users whom the caller follows,
// newest first.
//
// Like all lists, it requests the next page only when the loop reaches it. If a
// request fails, the last pair has the error.
func (c *Client) Feed(ctx context.Context, options ...ListOption) iter.Seq2[*pinholev1.Photo, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.Photo, string, error) {
		page, err := c.Social.GetFeed(ctx,
			&pinholev1.GetFeedRequest{PageSize: size, PageToken: token})
		return page.GetPhotos(), page.GetNextPageToken(), err
	})
}

// RecentPhotos returns the public photos of all users, newest first.
func (c *Client) RecentPhotos(ctx context.Context, options ...ListOption) iter.Seq2[*pinholev1.Photo, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.Photo, string, error) {
		page, err := c.Photos.ListRecentPhotos(ctx,
			&pinholev1.ListRecentPhotosRequest{PageSize: size, PageToken: token})
		return page.GetPhotos(), page.GetNextPageToken(), err
	})
}

// PhotosOf returns the photos of a user, newest first.
func (c *Client) PhotosOf(ctx context.Context, user string, options ...ListOption) iter.Seq2[*pinholev1.Photo, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.Photo, string, error) {
		page, err := c.Photos.ListPhotos(ctx,
			&pinholev1.ListPhotosRequest{Parent: UserName(user), PageSize: size, PageToken: token})
		return page.GetPhotos(), page.GetNextPageToken(), err
	})
}

// SearchUsers returns the users whose handle begins with prefix, in alphabetical
// order of their handles.
func (c *Client) SearchUsers(ctx context.Context, prefix string, options ...ListOption) iter.Seq2[*pinholev1.User, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.User, string, error) {
		page, err := c.Users.SearchUsers(ctx,
			&pinholev1.SearchUsersRequest{Query: prefix, PageSize: size, PageToken: token})
		return page.GetUsers(), page.GetNextPageToken(), err
	})
}

// Sessions returns the caller's sessions, newest first.
func (c *Client) Sessions(ctx context.Context, options ...ListOption) iter.Seq2[*pinholev1.Session, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.Session, string, error) {
		page, err := c.Users.ListSessions(ctx,
			&pinholev1.ListSessionsRequest{Parent: "users/me", PageSize: size, PageToken: token})
		return page.GetSessions(), page.GetNextPageToken(), err
	})
}

// Followers returns the followers of a user, most recent follow first.
func (c *Client) Followers(ctx context.Context, user string, options ...ListOption) iter.Seq2[*pinholev1.User, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.User, string, error) {
		page, err := c.Social.ListFollowers(ctx,
			&pinholev1.ListFollowersRequest{Parent: UserName(user), PageSize: size, PageToken: token})
		return page.GetUsers(), page.GetNextPageToken(), err
	})
}

// Following returns the users whom a user follows, most recent follow first.
func (c *Client) Following(ctx context.Context, user string, options ...ListOption) iter.Seq2[*pinholev1.User, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.User, string, error) {
		page, err := c.Social.ListFollowing(ctx,
			&pinholev1.ListFollowingRequest{Parent: UserName(user), PageSize: size, PageToken: token})
		return page.GetUsers(), page.GetNextPageToken(), err
	})
}

// Blocks returns the resource names of the users whom the caller blocks, most
// recent block first.
func (c *Client) Blocks(ctx context.Context, options ...ListOption) iter.Seq2[string, error] {
	return list(options, func(size int32, token string) ([]string, string, error) {
		page, err := c.Social.ListBlocks(ctx,
			&pinholev1.ListBlocksRequest{PageSize: size, PageToken: token})
		return page.GetUsers(), page.GetNextPageToken(), err
	})
}

// Likes returns the likes of a photo, most recent first.
func (c *Client) Likes(ctx context.Context, photo string, options ...ListOption) iter.Seq2[*pinholev1.Like, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.Like, string, error) {
		page, err := c.Social.ListLikes(ctx,
			&pinholev1.ListLikesRequest{Parent: PhotoName(photo), PageSize: size, PageToken: token})
		return page.GetLikes(), page.GetNextPageToken(), err
	})
}

// Comments returns the comments on a photo, oldest first.
func (c *Client) Comments(ctx context.Context, photo string, options ...ListOption) iter.Seq2[*pinholev1.Comment, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.Comment, string, error) {
		page, err := c.Social.ListComments(ctx,
			&pinholev1.ListCommentsRequest{Parent: PhotoName(photo), PageSize: size, PageToken: token})
		return page.GetComments(), page.GetNextPageToken(), err
	})
}

// Notifications returns the caller's notifications, most recent first.
func (c *Client) Notifications(ctx context.Context, options ...ListOption) iter.Seq2[*pinholev1.Notification, error] {
	return list(options, func(size int32, token string) ([]*pinholev1.Notification, string, error) {
		page, err := c.Social.ListNotifications(ctx,
			&pinholev1.ListNotificationsRequest{PageSize: size, PageToken: token})
		return page.GetNotifications(), page.GetNextPageToken(), err
	})
}

// list returns the entries of all pages. fetch returns the entries of the page at
// token, and the token of the next one.
func list[Entry any](options []ListOption,
	fetch func(size int32, token string) ([]Entry, string, error)) iter.Seq2[Entry, error] {
	settings := listSettings{limit: math.MaxInt}
	for _, option := range options {
		option(&settings)
	}
	return func(yield func(Entry, error) bool) {
		token := ""
		for left := settings.limit; left > 0; {
			entries, next, err := fetch(int32(min(left, maxPageSize)), token)
			if err != nil {
				var none Entry
				yield(none, err)
				return
			}
			for _, entry := range entries[:min(left, len(entries))] {
				if !yield(entry, nil) {
					return
				}
			}
			left -= len(entries)
			if next == "" {
				return
			}
			token = next
		}
	}
}
