// SPDX-License-Identifier: Apache-2.0

// Real photographs and broken files, collected by script/test-pictures.

#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace pinhole::media {

inline std::filesystem::path TestPicture(std::string_view name) {
  return std::filesystem::path(PINHOLE_TEST_PICTURES) / name;
}

// A small file of tests/fixtures/pictures.
inline std::filesystem::path Fixture(std::string_view name) {
  return std::filesystem::path(PINHOLE_PICTURE_FIXTURES) / name;
}

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteAll(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace pinhole::media
