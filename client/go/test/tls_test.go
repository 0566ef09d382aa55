// SPDX-License-Identifier: Apache-2.0

package test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"pinhole.example/go"
	"pinhole.example/go/pinholev1"
)

// certificate returns a certificate for 127.0.0.1 that is its own authority, and
// its PEM file.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	check(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	check(t, os.WriteFile(file,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func TestTheCertificateOfAServerIsVerified(t *testing.T) {
	certificate, file := certificate(t)
	server := refuseWith(t, status.Error(codes.NotFound, "reached"),
		grpc.Creds(credentials.NewServerTLSFromCert(&certificate)))
	for _, test := range []struct {
		target  string
		options []pinhole.Option
		code    codes.Code
	}{
		{"grpcs://" + server.target, []pinhole.Option{pinhole.WithCAFile(file)}, codes.NotFound},
		{"grpcs://" + server.target, nil, codes.Unavailable},
		{"grpc://" + server.target, nil, codes.Unavailable},
	} {
		client := open(t, test.target, append(test.options,
			pinhole.WithRetryPolicy(pinhole.RetryPolicy{MaxAttempts: 1}))...)
		_, err := client.Users.GetUser(context.Background(), &pinholev1.GetUserRequest{})
		if code := failure(t, err).Code; code != test.code {
			t.Errorf("%s: %v, not %v", test.target, err, test.code)
		}
	}
}

func TestTLSOptionsAreNotIgnored(t *testing.T) {
	_, file := certificate(t)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	check(t, os.WriteFile(empty, nil, 0o600))
	for target, test := range map[string]struct {
		file, message string
	}{
		"grpc://127.0.0.1:1":   {file, "require a grpcs:// target"},
		"grpcs://127.0.0.1:1":  {empty, "no certificate"},
		"grpcs://127.0.0.1:01": {empty + ".missing", "cannot read"},
	} {
		_, err := pinhole.Open(target, pinhole.WithCAFile(test.file))
		if err == nil || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s: the error is %v", target, err)
		}
	}
}
