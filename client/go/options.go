// SPDX-License-Identifier: Apache-2.0

package pinhole

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// An Option changes how Open sets up a client.
type Option func(*settings)

type settings struct {
	timeout         time.Duration
	transferTimeout time.Duration
	retry           RetryPolicy
	token           string
	caFile          string
	tls             *tls.Config
	dial            []grpc.DialOption
}

func defaultSettings() settings {
	return settings{
		timeout:         30 * time.Second,
		transferTimeout: 5 * time.Minute,
		retry:           DefaultRetryPolicy,
	}
}

// WithTimeout sets the time limit of a unary call with its retries, for contexts
// without a deadline. The default is 30 seconds; 0 disables it.
func WithTimeout(limit time.Duration) Option {
	return func(s *settings) { s.timeout = limit }
}

// WithTransferTimeout sets the time limit of an upload or download with its
// retries, for contexts without a deadline. The default is 5 minutes; 0 disables
// it.
func WithTransferTimeout(limit time.Duration) Option {
	return func(s *settings) { s.transferTimeout = limit }
}

// WithRetryPolicy replaces DefaultRetryPolicy.
func WithRetryPolicy(policy RetryPolicy) Option {
	return func(s *settings) { s.retry = policy }
}

// WithToken sets the token of an existing session.
func WithToken(token string) Option {
	return func(s *settings) { s.token = token }
}

// WithCAFile sets the PEM file of the certificate authorities to trust instead of
// the system's. It requires a grpcs:// target.
func WithCAFile(path string) Option {
	return func(s *settings) { s.caFile = path }
}

// WithTLSConfig sets the configuration of TLS, for example for a client
// certificate. It requires a grpcs:// target.
func WithTLSConfig(config *tls.Config) Option {
	return func(s *settings) { s.tls = config }
}

// WithDialOptions adds options to the gRPC connection, for example interceptors,
// which run once for each attempt of a call.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}

// credentials returns the address and the transport of target.
func (s *settings) credentials(target string) (string, credentials.TransportCredentials, error) {
	address, encrypted := strings.CutPrefix(target, "grpcs://")
	if !encrypted {
		if s.caFile != "" || s.tls != nil {
			return "", nil, fmt.Errorf("pinhole: TLS options require a grpcs:// target, got %q", target)
		}
		return strings.TrimPrefix(target, "grpc://"), insecure.NewCredentials(), nil
	}
	config := s.tls.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if s.caFile != "" {
		pem, err := os.ReadFile(s.caFile)
		if err != nil {
			return "", nil, fmt.Errorf("pinhole: cannot read the certificate authorities: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return "", nil, fmt.Errorf("pinhole: %s has no certificate in PEM format", s.caFile)
		}
	}
	return address, credentials.NewTLS(config), nil
}

func (c *Client) dialOptions(transport credentials.TransportCredentials) []grpc.DialOption {
	return append([]grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithUserAgent("pinhole-go"),
		// The default backoff of up to two minutes is too long.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay:  100 * time.Millisecond,
				Multiplier: 1.6,
				Jitter:     0.2,
				MaxDelay:   2 * time.Second,
			},
			MinConnectTimeout: 5 * time.Second,
		}),
		// Detects that the peer of a watch is gone. The server accepts pings at
		// this interval.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time:    30 * time.Second,
			Timeout: 20 * time.Second,
		}),
		// The client decides which calls are safe to repeat.
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithChainUnaryInterceptor(c.unary),
		grpc.WithChainStreamInterceptor(c.stream),
	}, c.settings.dial...)
}
