// SPDX-License-Identifier: Apache-2.0

package test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// picture returns a JPEG file of at least `size` bytes: a small picture, and
// comments to fill the file.
func picture(t testing.TB, size int) []byte {
	t.Helper()
	var file bytes.Buffer
	check(t, jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 32, 24)), nil))
	const startOfImage, header, maxComment = 2, 4, 65533
	var comments bytes.Buffer
	for missing := size - file.Len(); missing > comments.Len(); {
		text := min(max(missing-comments.Len()-header, 0), maxComment)
		comments.Write([]byte{0xff, 0xfe, byte((text + 2) >> 8), byte(text + 2)})
		comments.Write(make([]byte, text))
	}
	return bytes.Join([][]byte{
		file.Bytes()[:startOfImage], comments.Bytes(), file.Bytes()[startOfImage:]}, nil)
}
