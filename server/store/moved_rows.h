// SPDX-License-Identifier: Apache-2.0

// The content of a store on its way to a store of another engine, as rows of
// plain values.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace pinhole {

struct MovedBytes {
  std::string_view bytes;
};

// An integer, a text or bytes.
using MovedValue = std::variant<std::int64_t, std::string_view, MovedBytes>;
// Valid during the call that it is passed to.
using MovedRow = std::span<const MovedValue>;
using MovedRowVisitor = absl::FunctionRef<absl::Status(MovedRow)>;

// A table of the destination.
struct MovedTable {
  std::string name;
  std::vector<std::string> columns;
  std::int64_t rows = 0;
};

}  // namespace pinhole
