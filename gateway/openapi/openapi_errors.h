// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>

#include "google/rpc/code.pb.h"

namespace pinhole::gateway {

// What the services say about errors of each code, in Markdown.
using ErrorCauses = std::map<google::rpc::Code, std::string>;

// Describes all errors in Markdown: a paragraph and a table of HTTP codes, gRPC
// codes, their meaning and typical causes, those of `causes` included.
std::string DescribeErrors(const ErrorCauses& causes);

}  // namespace pinhole::gateway
