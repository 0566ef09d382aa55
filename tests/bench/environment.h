// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace pinhole::bench {

// What a figure depends on besides the program: machine, system, compiler,
// libraries, the disk under `folder`, and the load when this was called.
std::vector<std::pair<std::string, std::string>> DescribeEnvironment(
    const std::filesystem::path& folder);

}  // namespace pinhole::bench
