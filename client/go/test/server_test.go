// SPDX-License-Identifier: Apache-2.0

// Package test runs the client against real servers, found in $PINHOLE_BIN.
package test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pinhole.example/go"
)

const password = "a long password"

// server is a running pinhole-server.
type server struct {
	address string
	command *exec.Cmd
}

// startServer starts a server on dataDir and waits until it is ready. The server
// is killed at the end of the test.
func startServer(t testing.TB, dataDir, address string) *server {
	t.Helper()
	programs := os.Getenv("PINHOLE_BIN")
	if programs == "" {
		programs = filepath.Join("..", "..", "..", "build", "release", "bin")
	}
	s := &server{command: exec.Command(filepath.Join(programs, "pinhole-server"),
		"--data-dir", dataDir, "--grpc-listen", address,
		"--http-listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")}
	var log strings.Builder
	s.command.Stderr = &log
	output, err := s.command.StdoutPipe()
	check(t, err)
	check(t, s.command.Start())
	t.Cleanup(s.kill)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "gRPC listening on "); ok {
			s.address = address
		}
		if strings.HasPrefix(lines.Text(), "ready") {
			return s
		}
	}
	s.kill()
	t.Fatalf("the server ended before it was ready:\n%s", log.String())
	return nil
}

// newServer starts a server on an empty directory and a free port.
func newServer(t testing.TB) *server {
	return startServer(t, t.TempDir(), "127.0.0.1:0")
}

// kill ends the server as a crash would.
func (s *server) kill() {
	if s.command.ProcessState != nil {
		return
	}
	_ = s.command.Process.Signal(syscall.SIGKILL)
	_ = s.command.Wait()
}

// open returns a client of the server at target.
func open(t testing.TB, target string, options ...pinhole.Option) *pinhole.Client {
	t.Helper()
	client, err := pinhole.Open(target, options...)
	check(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// signUp registers a user and returns a signed-in client.
func signUp(t testing.TB, target, handle string, options ...pinhole.Option) *pinhole.Client {
	t.Helper()
	client := open(t, target, options...)
	_, err := client.Register(context.Background(), handle, password)
	check(t, err)
	_, err = client.Login(context.Background(), handle, password)
	check(t, err)
	return client
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// failure returns the *pinhole.Error in err.
func failure(t testing.TB, err error) *pinhole.Error {
	t.Helper()
	var failure *pinhole.Error
	if !errors.As(err, &failure) {
		t.Fatalf("not a *pinhole.Error: %v", err)
	}
	return failure
}
