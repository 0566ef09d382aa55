// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

// What libFuzzer, and the replay of a corpus, call with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace pinhole::gateway {

// Ends the process, as a fuzzer wants it, if a promise does not hold.
inline void Expect(bool holds, std::string_view promise,
                   std::string_view shown = "") {
  if (holds) return;
  std::cerr << "broken promise: " << promise << ": " << shown << '\n';
  std::abort();
}

inline std::string_view Text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace pinhole::gateway
