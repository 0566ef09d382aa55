// SPDX-License-Identifier: Apache-2.0

package test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"pinhole.example/go/pinholev1"
)

// BenchmarkListing100Photos lists 100 photos in turns with the client and with
// the generated stub alone, and reports the median times and their ratio: how
// much of the stub's speed the client reaches.
func BenchmarkListing100Photos(b *testing.B) {
	target := newServer(b).address
	client := signUp(b, target, "ansel")
	uploadMany(b, client, 100)

	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(b, err)
	defer conn.Close()
	stub := pinholev1.NewPhotoServiceClient(conn)
	withStub := func() (n int) {
		ctx := metadata.AppendToOutgoingContext(context.Background(),
			"authorization", "Bearer "+client.Token())
		page, err := stub.ListPhotos(ctx,
			&pinholev1.ListPhotosRequest{Parent: "users/ansel", PageSize: 100})
		check(b, err)
		return len(page.GetPhotos())
	}
	withClient := func() (n int) {
		for _, err := range client.PhotosOf(context.Background(), "ansel") {
			check(b, err)
			n++
		}
		return n
	}
	ways := []func() int{withStub, withClient}
	times := make([][]time.Duration, 2)
	b.ResetTimer()
	for turn := range 2 * b.N {
		// Each way is first in half of the pairs.
		way := (turn + turn/2) % 2
		begin := time.Now()
		if n := ways[way](); n != 100 {
			b.Fatalf("listed %d photos", n)
		}
		times[way] = append(times[way], time.Since(begin))
	}
	for i := range times {
		slices.Sort(times[i])
	}
	median := func(times []time.Duration) float64 {
		return float64(times[len(times)/2]) / float64(time.Microsecond)
	}
	b.ReportMetric(median(times[0]), "stub-µs")
	b.ReportMetric(median(times[1]), "client-µs")
	b.ReportMetric(median(times[0])/median(times[1]), "ratio")
}
