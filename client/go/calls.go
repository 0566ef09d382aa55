// SPDX-License-Identifier: Apache-2.0

package pinhole

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"pinhole.example/go/pinholev1"
)

const authorization = "authorization"

// unary makes all unary calls: with the session, a deadline and retries.
func (c *Client) unary(ctx context.Context, method string, request, response any,
	conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	limit := c.settings.timeout
	if method == pinholev1.AdminService_CreateBackup_FullMethodName {
		limit = 0 // A backup takes as long as the photos require.
	}
	ctx, cancel := withLimit(ctx, limit)
	defer cancel()
	request, hasRequestID := withRequestID(request)
	return c.run(ctx, repeatOf(method, hasRequestID), func() error {
		return newError(invoke(c.authorize(ctx), method, request, response, conn, options...))
	})
}

// stream starts all streams, with the session.
func (c *Client) stream(ctx context.Context, description *grpc.StreamDesc, conn *grpc.ClientConn,
	method string, start grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := start(c.authorize(ctx), description, conn, method, options...)
	if err != nil {
		return nil, newError(err)
	}
	return errorStream{stream}, nil
}

// errorStream is a stream whose methods return an *Error.
type errorStream struct{ grpc.ClientStream }

func (s errorStream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	return header, newError(err)
}

func (s errorStream) SendMsg(message any) error {
	return newError(s.ClientStream.SendMsg(message))
}

func (s errorStream) RecvMsg(message any) error {
	return newError(s.ClientStream.RecvMsg(message))
}

// authorize adds the session to ctx, unless ctx has another one.
func (c *Client) authorize(ctx context.Context) context.Context {
	token := c.Token()
	own, _ := metadata.FromOutgoingContext(ctx)
	if token == "" || len(own.Get(authorization)) > 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, authorization, "Bearer "+token)
}

// withLimit adds a deadline to ctx, unless ctx has one or limit is 0.
func withLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok || limit == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, limit)
}

// withRequestID returns the request with a request_id, and whether it has such
// a field. The caller's message is not changed: with the request_id of an earlier
// call, its next use would have no effect.
func withRequestID(request any) (any, bool) {
	message, ok := request.(proto.Message)
	if !ok {
		return request, false
	}
	field := message.ProtoReflect().Descriptor().Fields().ByName("request_id")
	if field == nil || field.Kind() != protoreflect.StringKind {
		return request, false
	}
	if message.ProtoReflect().Get(field).String() != "" {
		return request, true
	}
	copied := proto.Clone(message)
	copied.ProtoReflect().Set(field, protoreflect.ValueOfString(newRequestID()))
	return copied, true
}

// newRequestID returns a random UUID (version 4).
func newRequestID() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err) // The system has no random numbers.
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
