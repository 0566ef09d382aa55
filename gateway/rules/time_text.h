// SPDX-License-Identifier: Apache-2.0

// Times as JSON of proto3 has them.  protobuf's own parsers take more ("-s",
// "-11 .5s"), so what they get is checked for its form before.

#ifndef PINHOLE_GATEWAY_RULES_TIME_TEXT_H_
#define PINHOLE_GATEWAY_RULES_TIME_TEXT_H_

#include <string_view>

namespace pinhole::gateway {

// "2026-01-31T23:59:59.5+01:00", with at most nine digits of a second.  Whether
// there is such a day is not checked.
bool IsTimestampText(std::string_view text);

// "-1.5s", with at most nine digits after the point.
bool IsDurationText(std::string_view text);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_TIME_TEXT_H_
