// SPDX-License-Identifier: Apache-2.0

// The JSON forms of times in proto3.  protobuf's parsers accept more ("-s",
// "-11 .5s"), so texts are checked before.

#pragma once

#include <string_view>

namespace pinhole::gateway {

// Whether it is like "2026-01-31T23:59:59.5+01:00", with at most nine digits of
// a second.  Does not check whether the date exists.
bool IsTimestampText(std::string_view text);

// Whether it is like "-1.5s", with at most nine digits after the point.
bool IsDurationText(std::string_view text);

}  // namespace pinhole::gateway
