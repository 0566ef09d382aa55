// SPDX-License-Identifier: Apache-2.0

// The two forms of a stream of messages over HTTP: a line of JSON for each
// (NDJSON), or Server-Sent Events, which browsers read and resume by
// themselves.
//
// Both have a record for an error, which ends the stream, and one that says
// nothing (a heartbeat): {"error":STATUS} and an empty line, or an event called
// "error" and a comment.

#ifndef PINHOLE_GATEWAY_EXCHANGE_EVENT_STREAM_H_
#define PINHOLE_GATEWAY_EXCHANGE_EVENT_STREAM_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gateway/http/http_message.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

enum class StreamForm { kLines, kEvents };

// What the client accepts; NDJSON if it does not mind.  Nothing if neither.
std::optional<StreamForm> ChooseStreamForm(const HeaderList& headers);

Response StreamHead(StreamForm form);

// What comes right after the head; may be empty.
std::string_view StreamPreamble(StreamForm form);

// `json` is one line.  The id is that of `message`, if the route has one.
std::string MessageRecord(StreamForm form, const Route& route,
                          const google::protobuf::Message& message,
                          std::string_view json);
std::string ErrorRecord(StreamForm form, std::string_view status_json);
std::string_view HeartbeatRecord(StreamForm form);

// Lets the request go on after the Last-Event-ID that a client brings, unless
// the request says itself where to start.
// Errors: INVALID_ARGUMENT: it is no value of the field.
absl::Status ApplyLastEventId(const Route& route,
                              std::string_view last_event_id,
                              google::protobuf::Message& request);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_EXCHANGE_EVENT_STREAM_H_
