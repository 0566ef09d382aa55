// SPDX-License-Identifier: Apache-2.0

// Command share_photo registers, shares a photo and prints the feed:
//
//	share_photo HOST:PORT HANDLE PASSWORD FILE
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"pinhole.example/go"
)

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: share_photo HOST:PORT HANDLE PASSWORD FILE")
	}
	target, handle, password, file := os.Args[1], os.Args[2], os.Args[3], os.Args[4]

	ctx := context.Background()
	client := must(pinhole.Open(target))
	defer client.Close()
	must(client.Register(ctx, handle, password))
	must(client.Login(ctx, handle, password))
	must(client.UploadFile(ctx, file, pinhole.WithCaption("My first photo")))
	for photo, err := range client.Feed(ctx, pinhole.WithLimit(10)) {
		fmt.Println(must(photo, err).GetName(), photo.GetCaption())
	}
}

// must returns value, or ends the program if err is set.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
