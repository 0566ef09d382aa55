// SPDX-License-Identifier: Apache-2.0

// W3C Trace Context (https://www.w3.org/TR/trace-context/): the `traceparent`
// header identifies the trace that a request belongs to.  It is forwarded and
// logged, so that the log lines of all programs that handled a request can be
// found.  No spans are recorded.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pinhole {

// Views of the parsed text.
struct Traceparent {
  std::string_view trace_id;   // 32 lower-case hexadecimal digits.
  std::string_view parent_id;  // 16 digits: the caller's span.
};

// Parses 00-TRACE-PARENT-FLAGS; later versions can append another dash and more
// text.  Returns nothing if `text` is malformed.
std::optional<Traceparent> ParseTraceparent(std::string_view text);

// Returns a traceparent with new random identifiers, not sampled.
std::string NewTraceparent();

}  // namespace pinhole
