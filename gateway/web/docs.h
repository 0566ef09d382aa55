// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

namespace pinhole::gateway {

// The page /docs, with its style and script.
std::string_view DocsHtml();

}  // namespace pinhole::gateway
