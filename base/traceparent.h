// SPDX-License-Identifier: Apache-2.0

// W3C Trace Context (https://www.w3.org/TR/trace-context/): which trace a
// request belongs to, as its `traceparent` says.  Nothing is measured here; it
// is passed on and logged, so that the lines of all that had a part in a
// request can be found.

#ifndef PINHOLE_BASE_TRACEPARENT_H_
#define PINHOLE_BASE_TRACEPARENT_H_

#include <optional>
#include <string>
#include <string_view>

namespace pinhole {

// Views of the text.
struct Traceparent {
  std::string_view trace_id;   // 32 digits of lower-case hex.
  std::string_view parent_id;  // 16 of them: the span of who asks.
};

// Nothing if it is malformed: 00-TRACE-PARENT-FLAGS; later versions may go on
// after another dash.
std::optional<Traceparent> ParseTraceparent(std::string_view text);

// A new trace.
std::string NewTraceparent();

}  // namespace pinhole

#endif  // PINHOLE_BASE_TRACEPARENT_H_
