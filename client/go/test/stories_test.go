// SPDX-License-Identifier: Apache-2.0

package test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"pinhole.example/go"
	"pinhole.example/go/pinholev1"
)

func upload(t testing.TB, client *pinhole.Client, caption string) string {
	t.Helper()
	photo, err := client.Upload(context.Background(), bytes.NewReader(picture(t, 0)),
		pinhole.WithCaption(caption))
	check(t, err)
	return photo.GetName()
}

// uploadMany returns the sorted names of n new photos.
func uploadMany(t testing.TB, client *pinhole.Client, n int) []string {
	t.Helper()
	names := make([]string, n)
	var group sync.WaitGroup
	for worker := range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := worker; i < n; i += 4 {
				photo, err := client.Upload(context.Background(), bytes.NewReader(picture(t, 0)))
				if err != nil {
					t.Error(err)
					return
				}
				names[i] = photo.GetName()
			}
		}()
	}
	group.Wait()
	slices.Sort(names)
	return names
}

func namesOf(t testing.TB, photos iter.Seq2[*pinholev1.Photo, error]) (names []string) {
	t.Helper()
	for photo, err := range photos {
		check(t, err)
		names = append(names, photo.GetName())
	}
	return names
}

func TestPagesOf250PhotosHaveEachPhotoOnce(t *testing.T) {
	var calls atomic.Int32
	count := func(ctx context.Context, method string, request, response any, conn *grpc.ClientConn,
		invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		calls.Add(1)
		return invoke(ctx, method, request, response, conn, options...)
	}
	ctx := context.Background()
	ansel := signUp(t, newServer(t).address, "ansel",
		pinhole.WithDialOptions(grpc.WithChainUnaryInterceptor(count)))
	uploaded := uploadMany(t, ansel, 250)

	for list, photos := range map[string]iter.Seq2[*pinholev1.Photo, error]{
		"Feed":         ansel.Feed(ctx),
		"RecentPhotos": ansel.RecentPhotos(ctx),
		"PhotosOf":     ansel.PhotosOf(ctx, "@ansel"),
	} {
		calls.Store(0)
		names := namesOf(t, photos)
		slices.Sort(names)
		if !slices.Equal(names, uploaded) {
			t.Errorf("%s: got %d photos, which are not the %d uploaded ones", list, len(names), len(uploaded))
		}
		if calls.Load() != 3 {
			t.Errorf("%s: %d calls for 3 pages", list, calls.Load())
		}
	}

	calls.Store(0)
	for _, err := range ansel.Feed(ctx) {
		check(t, err)
		break
	}
	if calls.Load() != 1 {
		t.Errorf("%d calls for the first entry", calls.Load())
	}
	if names := namesOf(t, ansel.Feed(ctx, pinhole.WithLimit(120))); len(names) != 120 {
		t.Errorf("WithLimit(120) returned %d photos", len(names))
	}
}

func TestWatchResumesAfterTheServerWasKilled(t *testing.T) {
	dataDir := t.TempDir()
	server := startServer(t, dataDir, "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ansel := signUp(t, server.address, "ansel")

	// The token of a first photo makes the watch independent of when it begins.
	stream, err := ansel.Social.WatchFeed(ctx, &pinholev1.WatchFeedRequest{})
	check(t, err)
	_, err = stream.Header()
	check(t, err)
	upload(t, ansel, "first")
	first, err := stream.Recv()
	check(t, err)

	next, stop := iter.Pull2(ansel.WatchFeed(ctx, first.GetResumeToken()))
	defer stop()
	uploaded := []string{upload(t, ansel, "1"), upload(t, ansel, "2"), upload(t, ansel, "3")}
	var received []string
	receive := func() {
		entry, err, _ := next()
		check(t, err)
		received = append(received, entry.GetPhoto().GetName())
	}
	receive()
	server.kill()
	server = startServer(t, dataDir, server.address)
	other := open(t, server.address, pinhole.WithToken(ansel.Token()))
	for _, caption := range []string{"4", "5", "6"} {
		uploaded = append(uploaded, upload(t, other, caption))
	}
	for len(received) < len(uploaded) {
		receive()
	}
	if !slices.Equal(received, uploaded) {
		t.Errorf("received %v, uploaded %v", received, uploaded)
	}
}

func TestWatchOfAnUnreachableServerFails(t *testing.T) {
	client := open(t, "127.0.0.1:1")
	for _, err := range client.WatchFeed(context.Background(), "") {
		if failure(t, err).Code != codes.Unavailable {
			t.Errorf("failed with %v", err)
		}
	}
}

func TestUploadThatWasCutOffHasOneEffect(t *testing.T) {
	server := newServer(t)
	ctx := context.Background()
	photosOf := func(client *pinhole.Client, user string) int {
		return len(namesOf(t, client.PhotosOf(ctx, user)))
	}
	// Fits into the window that the server grants at first.
	photo := picture(t, 30_000)
	for i, when := range []string{"in the middle", "before the answer"} {
		t.Run(when, func(t *testing.T) {
			user := fmt.Sprintf("user%d", i)
			direct := signUp(t, server.address, user)
			breaks := breaker{afterBytes: int64(len(photo) / 2), holding: func() {}}
			if when == "before the answer" {
				breaks = breaker{afterBytes: int64(len(photo)), holding: func() {
					for photosOf(direct, user) == 0 {
						time.Sleep(10 * time.Millisecond)
					}
				}}
			}
			proxy := startProxy(t, server.address, breaks)
			client := open(t, proxy.address, pinhole.WithToken(direct.Token()))
			uploaded, err := client.Upload(ctx, bytes.NewReader(photo))
			check(t, err)
			names := namesOf(t, direct.PhotosOf(ctx, user))
			if !slices.Equal(names, []string{uploaded.GetName()}) {
				t.Errorf("uploaded %s; the server has %v", uploaded.GetName(), names)
			}
			if proxy.connections.Load() != 2 {
				t.Errorf("%d connections; the first must break", proxy.connections.Load())
			}
		})
	}
	t.Run("from a stream that cannot be read again", func(t *testing.T) {
		direct := signUp(t, server.address, "streamer")
		proxy := startProxy(t, server.address,
			breaker{afterBytes: int64(len(photo) / 2), holding: func() {}})
		client := open(t, proxy.address, pinhole.WithToken(direct.Token()))
		_, err := client.Upload(ctx, io.MultiReader(bytes.NewReader(photo)))
		if failure(t, err).Code != codes.Unavailable {
			t.Errorf("failed with %v", err)
		}
		if photosOf(direct, "streamer") != 0 {
			t.Error("half a photo was published")
		}
	})
}

func TestErrorsHaveReasonAndField(t *testing.T) {
	client := signUp(t, newServer(t).address, "ansel")
	_, err := client.Upload(context.Background(), bytes.NewReader(picture(t, 20<<20+1)))
	failure := failure(t, err)
	if failure.Code != codes.InvalidArgument || failure.Reason != "TOO_MANY_BYTES" {
		t.Errorf("code %v, reason %q", failure.Code, failure.Reason)
	}
	if len(failure.Fields) != 1 || failure.Fields[0].Field != "metadata.size_bytes" ||
		failure.Fields[0].Description == "" || failure.Message == "" {
		t.Errorf("fields %v, message %q", failure.Fields, failure.Message)
	}
}

func TestDownloadReturnsTheBytesOfTheUpload(t *testing.T) {
	client := signUp(t, newServer(t).address, "ansel")
	photo := picture(t, 1<<20)
	var total int64
	uploaded, err := client.Upload(context.Background(), bytes.NewReader(photo),
		pinhole.WithProgress(func(sent, all int64) { total = sent * all }))
	check(t, err)
	if want := int64(len(photo)) * int64(len(photo)); total != want {
		t.Errorf("the last progress is %d, not %d", total, want)
	}
	var downloaded bytes.Buffer
	head, err := client.Download(context.Background(), uploaded.GetName(),
		pinholev1.Rendition_RENDITION_ORIGINAL, &downloaded)
	check(t, err)
	if !bytes.Equal(downloaded.Bytes(), photo) || head.GetContentType() != "image/jpeg" {
		t.Errorf("received %d bytes of %s", downloaded.Len(), head.GetContentType())
	}
}
