// SPDX-License-Identifier: Apache-2.0

package pinhole

import (
	"context"
	"fmt"
	"io"
	"os"

	"pinhole.example/go/pinholev1"
)

const chunkBytes = 64 * 1024

// An UploadOption describes a photo or its upload.
type UploadOption func(*upload)

type upload struct {
	metadata pinholev1.PhotoMetadata
	progress func(sent, total int64)
}

// WithCaption sets the caption of a photo.
func WithCaption(caption string) UploadOption {
	return func(u *upload) { u.metadata.Caption = caption }
}

// WithAltText sets the description of a photo for people who cannot see it.
func WithAltText(text string) UploadOption {
	return func(u *upload) { u.metadata.AltText = text }
}

// WithVisibility sets who can see a photo. The default is everyone.
func WithVisibility(visibility pinholev1.Visibility) UploadOption {
	return func(u *upload) { u.metadata.Visibility = visibility }
}

// WithRequestID sets the UUID that makes an upload idempotent. By default, each
// call of Upload generates one.
func WithRequestID(id string) UploadOption {
	return func(u *upload) { u.metadata.RequestId = id }
}

// WithProgress sets a function that is called with the number of bytes that the
// current attempt has sent, and with the total or 0 if that is not known.
func WithProgress(progress func(sent, total int64)) UploadOption {
	return func(u *upload) { u.progress = progress }
}

// UploadFile publishes a photo from a file.
func (c *Client) UploadFile(ctx context.Context, path string, options ...UploadOption) (*pinholev1.Photo, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("pinhole: %s is a directory", path)
	}
	return c.Upload(ctx, file, options...)
}

// Upload publishes a photo from its bytes, which it reads in chunks of 64 KiB. A
// failed upload is repeated only if r is an io.Seeker, because the bytes must be
// read again. Errors of r are wrapped.
func (c *Client) Upload(ctx context.Context, r io.Reader, options ...UploadOption) (*pinholev1.Photo, error) {
	var described upload
	for _, option := range options {
		option(&described)
	}
	if described.metadata.RequestId == "" {
		described.metadata.RequestId = newRequestID()
	}
	start, size, rewinds := remaining(r)
	described.metadata.SizeBytes = size
	repeat := never
	if rewinds {
		repeat = ifTransient
	}
	ctx, cancel := withLimit(ctx, c.settings.transferTimeout)
	defer cancel()
	var photo *pinholev1.Photo
	err := c.run(ctx, repeat, func() error {
		if rewinds {
			if _, err := r.(io.Seeker).Seek(start, io.SeekStart); err != nil {
				return fmt.Errorf("pinhole: cannot read the photo: %w", err)
			}
		}
		var err error
		photo, err = c.send(ctx, r, &described)
		return err
	})
	return photo, err
}

// remaining returns the position of r and the number of bytes from there, or
// false if r cannot be rewound.
func remaining(r io.Reader) (start, size int64, rewinds bool) {
	seeker, ok := r.(io.Seeker)
	if !ok {
		return 0, 0, false
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, 0, false
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, 0, false
	}
	return start, max(end-start, 0), true
}

// send makes one attempt of an upload.
func (c *Client) send(ctx context.Context, r io.Reader, described *upload) (*pinholev1.Photo, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Photos.UploadPhoto(ctx)
	if err != nil {
		return nil, err
	}
	message := &pinholev1.UploadPhotoRequest{
		Part: &pinholev1.UploadPhotoRequest_Metadata{Metadata: &described.metadata}}
	part := &pinholev1.UploadPhotoRequest_Chunk{}
	buffer := make([]byte, chunkBytes)
	sent := int64(0)
	for {
		// After io.EOF, the server has responded, possibly with an error.
		if err := stream.Send(message); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if sent > 0 && described.progress != nil {
			described.progress(sent, described.metadata.GetSizeBytes())
		}
		n, err := fill(buffer, r)
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("pinhole: cannot read the photo: %w", err)
		}
		if n == 0 {
			break
		}
		sent += int64(n)
		part.Chunk = buffer[:n]
		message.Part = part
	}
	return stream.CloseAndRecv()
}

// fill reads into buffer until it is full or r fails, and returns the error of r.
// io.ReadFull does not tell the end of r from an io.ErrUnexpectedEOF of r.
func fill(buffer []byte, r io.Reader) (n int, err error) {
	for n < len(buffer) && err == nil {
		var read int
		read, err = r.Read(buffer[n:])
		n += read
	}
	return n, err
}

// Download writes the bytes of a rendition to w. A failed download is repeated
// only if nothing was written yet. Errors of w are wrapped; if the download ends
// early without an error of the server, the error wraps io.ErrUnexpectedEOF.
func (c *Client) Download(ctx context.Context, photo string, rendition pinholev1.Rendition, w io.Writer) (*pinholev1.RenditionHead, error) {
	ctx, cancel := withLimit(ctx, c.settings.transferTimeout)
	defer cancel()
	request := &pinholev1.DownloadPhotoRequest{Name: PhotoName(photo), Rendition: rendition}
	var head *pinholev1.RenditionHead
	var begun bool
	var failure error
	err := c.run(ctx, ifTransient, func() error {
		head, begun, failure = c.receive(ctx, request, w)
		if begun {
			return nil // Ends the attempts.
		}
		return failure
	})
	if begun {
		err = failure
	}
	if err != nil {
		return nil, err
	}
	return head, nil
}

// receive makes one attempt of a download. It also returns whether it has called
// w.
func (c *Client) receive(ctx context.Context, request *pinholev1.DownloadPhotoRequest, w io.Writer) (head *pinholev1.RenditionHead, begun bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Photos.DownloadPhoto(ctx, request)
	if err != nil {
		return nil, false, err
	}
	written := int64(0)
	for {
		message, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, begun, err
		}
		if message.GetHead() != nil {
			head = message.GetHead()
			continue
		}
		begun = true
		n, err := w.Write(message.GetChunk())
		written += int64(n)
		if err != nil {
			return nil, begun, fmt.Errorf("pinhole: cannot write the photo: %w", err)
		}
	}
	if written != head.GetSizeBytes() {
		return nil, begun, fmt.Errorf("pinhole: received %d of %d bytes of the photo: %w",
			written, head.GetSizeBytes(), io.ErrUnexpectedEOF)
	}
	return head, begun, nil
}
