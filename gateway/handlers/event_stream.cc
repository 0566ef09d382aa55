// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/event_stream.h"

#include <utility>

#include "fmt/format.h"
#include "gateway/http/accept.h"
#include "gateway/http/http_error.h"
#include "gateway/transcode/query_fields.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Message;

constexpr std::string_view kLinesType = "application/x-ndjson";
constexpr std::string_view kEventsType = "text/event-stream";

// A line break would begin another field, and browsers ignore an id that
// contains NUL.
bool IsEventId(std::string_view id) {
  return !id.empty() && id.find_first_of(std::string_view("\r\n\0", 3)) ==
                            std::string_view::npos;
}

}  // namespace

std::optional<StreamForm> ChooseStreamForm(const HeaderList& headers) {
  const auto chosen = ChooseType(headers, {kLinesType, kEventsType});
  if (!chosen) return std::nullopt;
  return *chosen == 0 ? StreamForm::kLines : StreamForm::kEvents;
}

Response StreamHead(StreamForm form) {
  Response response;
  response.headers.emplace_back(
      "Content-Type", form == StreamForm::kLines ? kLinesType : kEventsType);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Vary", "Accept");
  // Keeps nginx from buffering the response.
  response.headers.emplace_back("X-Accel-Buffering", "no");
  return response;
}

std::string_view StreamPreamble(StreamForm form) {
  // The delay before a browser reconnects, in ms.
  return form == StreamForm::kEvents ? "retry: 2000\n\n" : "";
}

std::string MessageRecord(StreamForm form, const Route& route,
                          const Message& message, std::string_view json) {
  if (form == StreamForm::kLines) return fmt::format("{}\n", json);
  std::string id;
  if (!route.events.id.empty()) id = FieldText(message, route.events.id);
  return IsEventId(id) ? fmt::format("id: {}\ndata: {}\n\n", id, json)
                       : fmt::format("data: {}\n\n", json);
}

std::string ErrorRecord(StreamForm form, std::string_view status_json) {
  return form == StreamForm::kLines
             ? fmt::format("{{\"error\":{}}}\n", status_json)
             : fmt::format("event: error\ndata: {{\"error\":{}}}\n\n",
                           status_json);
}

std::string_view HeartbeatRecord(StreamForm form) {
  return form == StreamForm::kLines ? "\n" : ":\n\n";
}

absl::Status ApplyLastEventId(const Route& route, std::string_view id,
                              Message& request) {
  const FieldPath& resume = route.events.resume;
  if (resume.empty() || id.empty() || !FieldText(request, resume).empty()) {
    return absl::OkStatus();
  }
  if (!IsEventId(id)) {
    return InvalidField("Last-Event-ID", "must be one line without NUL");
  }
  return SetField(request, resume, "Last-Event-ID", id);
}

}  // namespace pinhole::gateway
