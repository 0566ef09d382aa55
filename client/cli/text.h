// SPDX-License-Identifier: Apache-2.0

// Text from the server, made fit for a terminal.

#ifndef PINHOLE_CLIENT_CLI_TEXT_H_
#define PINHOLE_CLIENT_CLI_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.h"  // Escape, for what these print.
#include "google/protobuf/timestamp.pb.h"

namespace pinhole::cli {

// How many columns `text`, already escaped, takes.
int DisplayWidth(std::string_view text);

// `text`, already escaped, cut to `columns` with an ellipsis at the end.
std::string Shorten(std::string_view text, int columns);

// "2026-11-23 23:46", in UTC.  Empty if there is no time.
std::string FormatTime(const google::protobuf::Timestamp& time);

// "512 bytes", "1.5 MiB".
std::string FormatBytes(std::int64_t bytes);

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_TEXT_H_
