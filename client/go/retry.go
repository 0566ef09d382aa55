// SPDX-License-Identifier: Apache-2.0

package pinhole

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"pinhole.example/go/pinholev1"
)

// RetryPolicy states how often and after which delay a call is repeated.
//
// A call that fails with Unavailable or Aborted may have been carried out, so it
// is repeated only if doing it twice has the same effect as doing it once: reads,
// idempotent writes, and creates, which get a request_id. Deletes and password
// changes are not repeated. ResourceExhausted with a retry delay means that
// nothing was done, so every call is repeated after that delay.
type RetryPolicy struct {
	// MaxAttempts includes the first attempt; 1 disables retries.
	MaxAttempts int
	// The delay doubles from InitialBackoff to MaxBackoff. It is reduced by a
	// random part of at most half.
	InitialBackoff time.Duration
	MaxBackoff     time.Duration
}

// DefaultRetryPolicy is the policy of clients without WithRetryPolicy.
var DefaultRetryPolicy = RetryPolicy{
	MaxAttempts:    4,
	InitialBackoff: 50 * time.Millisecond,
	MaxBackoff:     5 * time.Second,
}

type repeat int

const (
	onlyIfRefused repeat = iota // Only if the call was certainly not carried out.
	ifTransient                 // The call is idempotent.
	never                       // For example because the input is consumed.
)

var idempotentWrites = map[string]bool{
	pinholev1.UserService_UpdateUser_FullMethodName:              true,
	pinholev1.PhotoService_UpdatePhoto_FullMethodName:            true,
	pinholev1.SocialService_FollowUser_FullMethodName:            true,
	pinholev1.SocialService_UnfollowUser_FullMethodName:          true,
	pinholev1.SocialService_LikePhoto_FullMethodName:             true,
	pinholev1.SocialService_UnlikePhoto_FullMethodName:           true,
	pinholev1.SocialService_BlockUser_FullMethodName:             true,
	pinholev1.SocialService_UnblockUser_FullMethodName:           true,
	pinholev1.SocialService_MarkNotificationsRead_FullMethodName: true,
	pinholev1.AdminService_ImportUsers_FullMethodName:            true,
}

// repeatOf returns when a call of a method, for example
// "/pinhole.v1.UserService/GetUser", can be repeated.
func repeatOf(method string, hasRequestID bool) repeat {
	name := method[strings.LastIndexByte(method, '/')+1:]
	reads := strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") ||
		strings.HasPrefix(name, "Search")
	if reads || hasRequestID || idempotentWrites[method] {
		return ifTransient
	}
	return onlyIfRefused
}

// run calls attempt until it succeeds or must not be repeated.
func (c *Client) run(ctx context.Context, repeat repeat, attempt func() error) error {
	for attempts := 1; ; attempts++ {
		err := attempt()
		if err == nil {
			return nil
		}
		delay, ok := c.settings.retry.delayAfter(err, repeat, attempts)
		if !ok {
			return err
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
			return err
		}
		if err := sleep(ctx, delay); err != nil {
			return err
		}
	}
}

// delayAfter returns the delay before the next attempt, or false if err must not
// be repeated or all attempts are used.
func (p RetryPolicy) delayAfter(err error, repeat repeat, attempts int) (time.Duration, bool) {
	var failure *Error
	if attempts >= p.MaxAttempts || !errors.As(err, &failure) || !failure.mayRepeat(repeat) {
		return 0, false
	}
	return p.delay(failure, attempts), true
}

func (p RetryPolicy) delay(failure *Error, attempts int) time.Duration {
	backoff := p.InitialBackoff
	for range attempts - 1 {
		backoff = min(2*backoff, p.MaxBackoff)
	}
	return max(time.Duration(float64(backoff)*(0.5+rand.Float64()/2)), failure.RetryDelay)
}

func (e *Error) mayRepeat(repeat repeat) bool {
	switch e.Code {
	case codes.ResourceExhausted:
		return repeat != never && e.RetryDelay > 0
	case codes.Unavailable, codes.Aborted:
		return repeat == ifTransient
	default:
		return false
	}
}

// sleep returns an error if ctx ends during the delay.
func sleep(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return newError(ctx.Err())
	}
}
