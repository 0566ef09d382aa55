// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "server/store/commands.h"
#include "server/store/postgres/postgres_writer.h"

namespace pinhole::testing {

// The writer of one server.  Thread-safe.
class TestWriter {
 public:
  // `clock` must outlive the writer.
  TestWriter(const std::string& uri, const Clock& clock)
      : writer_({.uri = uri, .clock = &clock}) {}

  // Run one command and wait for its answer.
  absl::StatusOr<CommandResult> DoAny(Command command) {
    absl::Notification answered;
    absl::StatusOr<CommandResult> result;
    writer_.Submit(std::move(command), {},
                   [&](absl::StatusOr<CommandResult> r) {
                     result = std::move(r);
                     answered.Notify();
                   });
    answered.WaitForNotification();
    return result;
  }
  template <typename C>
  absl::StatusOr<typename C::Result> Do(C command) {
    absl::StatusOr<CommandResult> result = DoAny(Command(std::move(command)));
    if (!result.ok()) return std::move(result).status();
    return std::get<typename C::Result>(*std::move(result));
  }

  void Stop() { writer_.Stop(); }

 private:
  postgres::PostgresWriter writer_;
};

}  // namespace pinhole::testing
