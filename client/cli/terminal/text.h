// SPDX-License-Identifier: Apache-2.0

// Formats text from the server for a terminal.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.h"  // Escape.
#include "google/protobuf/timestamp.pb.h"

namespace pinhole::cli {

// The number of terminal columns of `text`, which must be escaped.
int DisplayWidth(std::string_view text);

// Truncates `text`, which must be escaped, to `columns` with an ellipsis.
std::string Shorten(std::string_view text, int columns);

// Quotes `text` for a POSIX shell, if that is necessary.
std::string ShellWord(std::string_view text);

// Formats `time` in UTC, for example "2026-11-23 23:46"; empty if not set.
std::string FormatTime(const google::protobuf::Timestamp& time);

// Formats a size, for example "512 bytes" or "1.5 MiB".
std::string FormatBytes(std::int64_t bytes);

}  // namespace pinhole::cli
