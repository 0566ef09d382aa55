// SPDX-License-Identifier: Apache-2.0

package pinhole

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is the error of a call. errors.As extracts it, and errors.Is compares it
// with context.Canceled and context.DeadlineExceeded.
type Error struct {
	Code       codes.Code
	Message    string
	Reason     string           // In upper snake case, for example "NOT_FOUND"; may be empty.
	Fields     []FieldViolation // The invalid fields of the request.
	RetryDelay time.Duration    // The delay that the server requested, or 0.

	status *status.Status
}

// FieldViolation is an invalid field of a request.
type FieldViolation struct {
	Field       string // Path of the field, for example "photo.caption".
	Description string
}

func (e *Error) Error() string {
	text := "pinhole: " + e.Code.String() + ": " + e.Message
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	return text
}

// GRPCStatus returns the status, for the functions of gRPC's package status.
func (e *Error) GRPCStatus() *status.Status { return e.status }

func (e *Error) Is(target error) bool {
	return target == context.Canceled && e.Code == codes.Canceled ||
		target == context.DeadlineExceeded && e.Code == codes.DeadlineExceeded
}

// newError returns an *Error for an error of gRPC or a context. It returns nil,
// io.EOF and an *Error unchanged.
func newError(err error) error {
	var known *Error
	if err == nil || err == io.EOF || errors.As(err, &known) {
		return err
	}
	state, ok := status.FromError(err)
	if !ok {
		state = status.FromContextError(err)
	}
	failure := &Error{Code: state.Code(), Message: state.Message(), status: state}
	for _, detail := range state.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			failure.Reason = detail.GetReason()
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				failure.Fields = append(failure.Fields,
					FieldViolation{violation.GetField(), violation.GetDescription()})
			}
		case *errdetails.RetryInfo:
			failure.RetryDelay = detail.GetRetryDelay().AsDuration()
		}
	}
	return failure
}
