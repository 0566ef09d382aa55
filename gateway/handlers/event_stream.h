// SPDX-License-Identifier: Apache-2.0

// The two formats of a stream of messages over HTTP: NDJSON, one line of JSON
// for each message, and Server-Sent Events, which browsers read and resume
// without further code.
//
// Both have an error record, which ends the stream, and a heartbeat:
// {"error":STATUS} and an empty line in NDJSON, an event called "error" and a
// comment in Server-Sent Events.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gateway/http/http_message.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

enum class StreamForm { kLines, kEvents };

// Returns the format that the client accepts, NDJSON if it accepts both, and
// nothing if it accepts neither.
std::optional<StreamForm> ChooseStreamForm(const HeaderList& headers);

Response StreamHead(StreamForm form);

// Returns the text that follows the head; may be empty.
std::string_view StreamPreamble(StreamForm form);

// `json` must be a single line.  The event id comes from `message` if the route
// names a field for it.
std::string MessageRecord(StreamForm form, const Route& route,
                          const google::protobuf::Message& message,
                          std::string_view json);
std::string ErrorRecord(StreamForm form, std::string_view status_json);
std::string_view HeartbeatRecord(StreamForm form);

// Makes the stream resume after `last_event_id`, unless `request` itself says
// where to start.  Errors: INVALID_ARGUMENT if the id is not a value of the
// field.
absl::Status ApplyLastEventId(const Route& route,
                              std::string_view last_event_id,
                              google::protobuf::Message& request);

}  // namespace pinhole::gateway
