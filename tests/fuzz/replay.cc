// SPDX-License-Identifier: Apache-2.0

// Runs a fuzz target over the files of its corpus, where there is no libFuzzer:
// replay FOLDER...

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/fuzz.h"

int main(int argc, char** argv) {
  std::size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text(std::istreambuf_iterator<char>(file), {});
      std::cerr << entry.path().filename().string() << '\n';
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()),
                             text.size());
      ++inputs;
    }
  }
  // An empty corpus would pass for a good one.
  return inputs > 0 ? 0 : 1;
}
