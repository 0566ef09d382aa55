// SPDX-License-Identifier: Apache-2.0

package pinhole

import (
	"context"
	"errors"
	"iter"

	"pinhole.example/go/pinholev1"
)

// WatchFeed returns new entries of the caller's feed as they are published, until
// the loop ends or ctx is done. With the resume token of an earlier entry, it
// begins with the entries published since; with "", only later ones follow.
//
// If the connection breaks, the watch is opened again after the last entry that
// was returned. Entries are neither repeated nor missed, except that before the
// first entry there is nothing to resume from. The first connection is tried as
// often as the retry policy allows; after it, the watch reconnects until ctx is
// done. Other errors end the loop with the pair nil and the error, for example
// when the session ends.
func (c *Client) WatchFeed(ctx context.Context, resumeToken string) iter.Seq2[*pinholev1.WatchFeedResponse, error] {
	return func(yield func(*pinholev1.WatchFeedResponse, error) bool) {
		policy := c.settings.retry
		request := &pinholev1.WatchFeedRequest{ResumeToken: resumeToken}
		connectedOnce := false
		for attempts := 1; ; attempts++ {
			connected, err := c.follow(ctx, request, yield)
			if err == nil {
				return
			}
			if connected {
				connectedOnce = true
				attempts = 1
			}
			var failure *Error
			lost := errors.As(err, &failure) && failure.mayRepeat(ifTransient)
			if lost && (connectedOnce || attempts < policy.MaxAttempts) {
				err = sleep(ctx, policy.delay(failure, attempts))
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// follow opens a watch and passes its entries to yield. It moves the resume token
// of the request, and returns whether the server had accepted the call. The error
// is nil if yield ended the loop.
func (c *Client) follow(ctx context.Context, request *pinholev1.WatchFeedRequest,
	yield func(*pinholev1.WatchFeedResponse, error) bool) (connected bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Social.WatchFeed(ctx, request)
	if err != nil {
		return false, err
	}
	// The server sends the headers when the watch begins. A refused call has none.
	header, err := stream.Header()
	connected = err == nil && header != nil
	for {
		entry, err := stream.Recv()
		if err != nil {
			return connected, err
		}
		request.ResumeToken = entry.GetResumeToken()
		if !yield(entry, nil) {
			return connected, nil
		}
	}
}
