// SPDX-License-Identifier: Apache-2.0

// Descriptions of errors in Markdown, from base/error_reasons.h.

#pragma once

#include <string>

namespace pinhole::gateway {

// Describes all errors: a paragraph, a table of HTTP codes, gRPC codes, their
// meaning and typical causes with the reasons, and the table of reasons.
std::string DescribeErrors();

// The table of reasons: code, HTTP status, meaning and what to do.
// script/reasons-table copies it to docs/api.md.
std::string ReasonsTable();

}  // namespace pinhole::gateway
