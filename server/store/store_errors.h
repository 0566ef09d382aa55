// SPDX-License-Identifier: Apache-2.0

// The errors of commands and reads, with the same texts in every store.

#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace pinhole::store {

absl::Status NoSuchUser();
absl::Status NoSuchPhoto();
absl::Status NoSuchComment();
absl::Status NoSuchSession();
absl::Status NoSuchPhotoFiles();  // The photo is gone or has other files.
absl::Status NoSuchUpload();
absl::Status UploadGivenUp();

absl::Status AccountNotOwned();
absl::Status PhotoNotOwned();
absl::Status CommentNotOwned();

// A user cannot follow or block themselves.
absl::Status IsCaller();
absl::Status TooManyFollowed();
absl::Status TooManyBlocked();

absl::Status HandleTaken(std::string_view handle);
absl::Status HandleReserved(std::string_view handle);
absl::Status PasswordChanged();
// A request key was used with another fingerprint.
absl::Status RequestReused();

absl::Status StoreClosed();
// With a retry delay.  Why is in the health of the store.
absl::Status DatabaseUnavailable();
// The deadline passed before the command was run.
absl::Status WriteExpired();

}  // namespace pinhole::store
