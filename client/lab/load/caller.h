// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/lab/load/calls.h"
#include "client/lab/load/transport.h"
#include "fmt/format.h"

namespace pinhole::lab {

// Makes one call at a time, for purposes other than load.  Not thread-safe.
class Caller {
 public:
  // `transport` must outlive this object.  `timeout` applies to each call.
  Caller(Transport& transport, Dialect dialect,
         absl::Duration timeout = absl::Seconds(30))
      : transport_(transport), dialect_(dialect), timeout_(timeout) {}

  Dialect dialect() const { return dialect_; }
  void set_authorization(std::string authorization) {
    authorization_ = std::move(authorization);
  }

  // Errors: the error of the call, with its method and reason.
  absl::StatusOr<Outcome> Do(Request call);

  // Makes a call and parses the answer.
  // Errors: as for `Do`, and DATA_LOSS if the answer is not a `Message`.
  template <typename Message>
  absl::StatusOr<Message> Get(Request call) {
    const std::string method = call.method;
    const auto outcome = Do(std::move(call));
    if (!outcome.ok()) return outcome.status();
    Message message;
    if (!ParseAnswer(dialect_, outcome->body, message)) {
      return absl::DataLossError(
          fmt::format("{}: the answer is not a {}", method,
                      message.GetDescriptor()->full_name()));
    }
    return message;
  }

  // Returns the bytes of the picture that `call` downloads.
  absl::StatusOr<std::string> Download(Request call);

 private:
  Transport& transport_;
  const Dialect dialect_;
  const absl::Duration timeout_;
  std::string authorization_;
};

}  // namespace pinhole::lab
