// SPDX-License-Identifier: Apache-2.0

package test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// proxy forwards connections to a server and breaks the first one.
type proxy struct {
	address     string
	connections atomic.Int32
	listener    net.Listener
}

// A breaker decides when the first connection breaks: after the client has sent
// a number of bytes, the answers of the server are held back and holding is
// called. The connection closes when it returns.
type breaker struct {
	afterBytes int64
	holding    func()
}

func startProxy(t *testing.T, target string, breaks breaker) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	p := &proxy{address: listener.Addr().String(), listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			if p.connections.Add(1) == 1 {
				go breaks.forward(client, server)
			} else {
				go forward(client, server)
			}
		}
	}()
	return p
}

// forward copies in both directions until one side closes.
func forward(client, server net.Conn) {
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}

func (b breaker) forward(client, server net.Conn) {
	var held atomic.Bool
	go func() {
		_, _ = io.Copy(writerFunc(func(bytes []byte) (int, error) {
			if held.Load() {
				return len(bytes), nil
			}
			return client.Write(bytes)
		}), server)
	}()
	_, _ = io.CopyN(server, client, b.afterBytes)
	held.Store(true)
	// What follows the counted bytes may be needed to complete the call.
	go func() { _, _ = io.Copy(server, client) }()
	b.holding()
	_ = client.Close()
	_ = server.Close()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(bytes []byte) (int, error) { return f(bytes) }
