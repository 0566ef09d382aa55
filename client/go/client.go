// SPDX-License-Identifier: Apache-2.0

// Package pinhole is a client of Pinhole servers.
//
//	client, err := pinhole.Open("127.0.0.1:50051")
//	defer client.Close()
//	_, err = client.Login(ctx, "ansel", "a long password")
//	photo, err := client.UploadFile(ctx, "half-dome.jpg", pinhole.WithCaption("Half Dome"))
//	for photo, err := range client.Feed(ctx) { ... }
//
// A call that fails returns an *Error. Calls that fail with a transient error
// are repeated if that is safe; see RetryPolicy.
package pinhole

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"

	"pinhole.example/go/pinholev1"
)

// Client is a connection to a server with a session. It is safe for concurrent
// use. Login, Logout and SetToken change the session of all later calls.
//
// The generated stubs make the calls for which Client has no method. They use
// the session, default deadline, retries and errors of the client as well. A
// request whose context carries its own "authorization" metadata keeps it, so
// that one client can call on behalf of several users.
type Client struct {
	Users  pinholev1.UserServiceClient
	Photos pinholev1.PhotoServiceClient
	Social pinholev1.SocialServiceClient
	Admin  pinholev1.AdminServiceClient

	settings settings
	conn     *grpc.ClientConn
	token    atomic.Value // of string
}

// Open returns a client of the server at target: HOST:PORT, grpc://HOST:PORT,
// grpcs://HOST:PORT for TLS, or another target that gRPC accepts. The first call
// connects.
func Open(target string, options ...Option) (*Client, error) {
	client := &Client{settings: defaultSettings()}
	for _, option := range options {
		option(&client.settings)
	}
	address, credentials, err := client.settings.credentials(target)
	if err != nil {
		return nil, err
	}
	client.token.Store(client.settings.token)
	client.conn, err = grpc.NewClient(address, client.dialOptions(credentials)...)
	if err != nil {
		return nil, err
	}
	client.Users = pinholev1.NewUserServiceClient(client.conn)
	client.Photos = pinholev1.NewPhotoServiceClient(client.conn)
	client.Social = pinholev1.NewSocialServiceClient(client.conn)
	client.Admin = pinholev1.NewAdminServiceClient(client.conn)
	return client, nil
}

// Close closes the connection and ends calls in progress. It does not end the
// session; see Logout.
func (c *Client) Close() error { return c.conn.Close() }

// Conn returns the connection, for stubs of other services such as health.
func (c *Client) Conn() *grpc.ClientConn { return c.conn }

// Token returns the token of the session, or "" if the client is signed out.
func (c *Client) Token() string { return c.token.Load().(string) }

// SetToken replaces the session, for example by one that was stored earlier.
func (c *Client) SetToken(token string) { c.token.Store(token) }

// Register creates a user. It does not sign in.
func (c *Client) Register(ctx context.Context, handle, password string) (*pinholev1.User, error) {
	return c.Users.CreateUser(ctx, &pinholev1.CreateUserRequest{Handle: handle, Password: password})
}

// Login signs in and uses the new session for later calls. The client is signed
// out if it fails.
func (c *Client) Login(ctx context.Context, handle, password string) (*pinholev1.Session, error) {
	c.SetToken("")
	session, err := c.Users.CreateSession(ctx,
		&pinholev1.CreateSessionRequest{Handle: handle, Password: password})
	if err != nil {
		return nil, err
	}
	c.SetToken(session.GetToken())
	return session, nil
}

// Logout ends the session. The client is signed out even if it fails.
func (c *Client) Logout(ctx context.Context) error {
	_, err := c.Users.DeleteSession(ctx,
		&pinholev1.DeleteSessionRequest{Name: "users/me/sessions/current"})
	c.SetToken("")
	return err
}
