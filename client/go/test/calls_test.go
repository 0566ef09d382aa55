// SPDX-License-Identifier: Apache-2.0

package test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"pinhole.example/go"
	"pinhole.example/go/pinholev1"
)

// refusal is a server that answers every call with the same error and records
// the requests. Its fields must not be changed during a call.
type refusal struct {
	target   string
	err      error
	requests []any
	metadata metadata.MD
	deadline time.Time
}

func refuseWith(t *testing.T, err error, options ...grpc.ServerOption) *refusal {
	t.Helper()
	r := &refusal{err: err}
	server := grpc.NewServer(append(options, grpc.UnaryInterceptor(
		func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, _ grpc.UnaryHandler) (any, error) {
			r.requests = append(r.requests, request)
			r.metadata, _ = metadata.FromIncomingContext(ctx)
			r.deadline, _ = ctx.Deadline()
			return nil, r.err
		}))...)
	pinholev1.RegisterUserServiceServer(server, pinholev1.UnimplementedUserServiceServer{})
	pinholev1.RegisterPhotoServiceServer(server, pinholev1.UnimplementedPhotoServiceServer{})
	pinholev1.RegisterSocialServiceServer(server, pinholev1.UnimplementedSocialServiceServer{})
	pinholev1.RegisterAdminServiceServer(server, pinholev1.UnimplementedAdminServiceServer{})
	listener, listenErr := net.Listen("tcp", "127.0.0.1:0")
	check(t, listenErr)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	r.target = listener.Addr().String()
	return r
}

func withDelay(t *testing.T, code codes.Code, delay time.Duration) error {
	t.Helper()
	state, err := status.New(code, "try again").WithDetails(
		&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	check(t, err)
	return state.Err()
}

func TestOnlyCallsThatAreSafeToRepeatAreRepeated(t *testing.T) {
	unavailable := status.Error(codes.Unavailable, "gone")
	aborted := status.Error(codes.Aborted, "conflict")
	full := status.Error(codes.ResourceExhausted, "full")
	refused := withDelay(t, codes.ResourceExhausted, time.Millisecond)
	missing := status.Error(codes.NotFound, "missing")
	read := func(c *pinhole.Client) error {
		_, err := c.Users.GetUser(context.Background(), &pinholev1.GetUserRequest{})
		return err
	}
	write := func(c *pinhole.Client) error {
		_, err := c.Social.LikePhoto(context.Background(), &pinholev1.LikePhotoRequest{})
		return err
	}
	create := func(c *pinhole.Client) error {
		_, err := c.Social.CreateComment(context.Background(), &pinholev1.CreateCommentRequest{})
		return err
	}
	remove := func(c *pinhole.Client) error {
		_, err := c.Photos.DeletePhoto(context.Background(), &pinholev1.DeletePhotoRequest{})
		return err
	}
	change := func(c *pinhole.Client) error {
		_, err := c.Users.ChangePassword(context.Background(), &pinholev1.ChangePasswordRequest{})
		return err
	}
	policy := pinhole.RetryPolicy{
		MaxAttempts: 3, InitialBackoff: time.Millisecond, MaxBackoff: time.Millisecond}
	for _, test := range []struct {
		name  string
		call  func(*pinhole.Client) error
		err   error
		calls int
	}{
		{"read, unavailable", read, unavailable, 3},
		{"read, aborted", read, aborted, 3},
		{"read, not found", read, missing, 1},
		{"write, unavailable", write, unavailable, 3},
		{"create, unavailable", create, unavailable, 3},
		{"delete, unavailable", remove, unavailable, 1},
		{"delete, aborted", remove, aborted, 1},
		{"delete, refused with a delay", remove, refused, 3},
		{"password change, unavailable", change, unavailable, 1},
		{"password change, refused with a delay", change, refused, 3},
		{"read, limit without a delay", read, full, 1},
	} {
		server := refuseWith(t, test.err)
		client := open(t, server.target, pinhole.WithRetryPolicy(policy))
		if code := failure(t, test.call(client)).Code; code != status.Code(test.err) {
			t.Errorf("%s: failed with %v", test.name, code)
		}
		if len(server.requests) != test.calls {
			t.Errorf("%s: %d calls, not %d", test.name, len(server.requests), test.calls)
		}
	}
}

func TestAttemptsOfACreateHaveTheSameRequestID(t *testing.T) {
	server := refuseWith(t, status.Error(codes.Unavailable, "gone"))
	client := open(t, server.target, pinhole.WithRetryPolicy(pinhole.RetryPolicy{MaxAttempts: 2}))
	request := &pinholev1.CreateCommentRequest{Text: "Sharp"}
	for range 2 {
		_, err := client.Social.CreateComment(context.Background(), request)
		failure(t, err)
	}
	var ids []string
	for _, request := range server.requests {
		ids = append(ids, request.(*pinholev1.CreateCommentRequest).GetRequestId())
	}
	if len(ids) != 4 || len(ids[0]) != 36 || ids[0] != ids[1] || ids[2] != ids[3] || ids[0] == ids[2] {
		t.Errorf("the request IDs of two calls with two attempts are %v", ids)
	}
	if request.GetRequestId() != "" {
		t.Error("the caller's message was changed")
	}
}

func TestADelayBeyondTheDeadlineEndsTheCall(t *testing.T) {
	server := refuseWith(t, withDelay(t, codes.ResourceExhausted, time.Hour))
	client := open(t, server.target)
	_, err := client.Admin.GetServerInfo(context.Background(), &pinholev1.GetServerInfoRequest{})
	if delay := failure(t, err).RetryDelay; delay != time.Hour {
		t.Errorf("the retry delay is %v", delay)
	}
	if len(server.requests) != 1 {
		t.Errorf("%d calls", len(server.requests))
	}
}

func TestCallsHaveADeadlineExceptBackups(t *testing.T) {
	server := refuseWith(t, status.Error(codes.Internal, "broken"))
	client := open(t, server.target)
	_, err := client.Admin.GetServerInfo(context.Background(), &pinholev1.GetServerInfoRequest{})
	failure(t, err)
	if server.deadline.IsZero() {
		t.Error("a call has no deadline")
	}
	_, err = client.Admin.CreateBackup(context.Background(), &pinholev1.CreateBackupRequest{})
	failure(t, err)
	if !server.deadline.IsZero() {
		t.Error("a backup has a deadline")
	}
}

func TestACanceledCallIsReportedAsSuch(t *testing.T) {
	server := refuseWith(t, withDelay(t, codes.ResourceExhausted, time.Minute))
	client := open(t, server.target, pinhole.WithTimeout(0))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := client.Admin.GetServerInfo(ctx, &pinholev1.GetServerInfoRequest{})
	if !errors.Is(err, context.Canceled) || status.Code(err) != codes.Canceled {
		t.Errorf("failed with %v", err)
	}
}

func TestCallsCarryTheSession(t *testing.T) {
	server := refuseWith(t, status.Error(codes.Internal, "broken"))
	client := open(t, server.target, pinhole.WithToken("secret"))
	authorization := func(ctx context.Context) string {
		_, err := client.Admin.GetServerInfo(ctx, &pinholev1.GetServerInfoRequest{})
		failure(t, err)
		values := server.metadata.Get("authorization")
		if len(values) != 1 {
			t.Fatalf("the call has the sessions %v", values)
		}
		return values[0]
	}
	if got := authorization(context.Background()); got != "Bearer secret" {
		t.Errorf("the session is %q", got)
	}
	other := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer other")
	if got := authorization(other); got != "Bearer other" {
		t.Errorf("the context's session became %q", got)
	}
	failure(t, client.Logout(context.Background()))
	if client.Token() != "" {
		t.Error("the client is signed in after Logout")
	}
}
