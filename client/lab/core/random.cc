// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/random.h"

#include <cmath>

#include "fmt/format.h"

namespace pinhole::lab {
namespace {

std::uint64_t Mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

std::uint64_t HashOf(std::string_view text, std::uint64_t start) {
  // FNV-1a, then mixed so that similar texts do not give similar numbers.
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ Mix(start);
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return Mix(hash);
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view name, std::uint64_t index)
    : state_(HashOf(name, seed) + Mix(index + 1)) {}

std::uint64_t Random::Next() { return Mix(state_ += 0x9e3779b97f4a7c15ULL); }

std::size_t Random::Below(std::size_t limit) {
  return limit == 0 ? 0 : Next() % limit;
}

double Random::Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

double Random::Between(double low, double high) {
  return low + (high - low) * Unit();
}

bool Random::Chance(double probability) { return Unit() < probability; }

double Random::Exponential() { return -std::log1p(-Unit()); }

std::string UuidOf(std::string_view text) {
  const std::uint64_t a = (HashOf(text, 1) & ~0xf000ULL) | 0x8000ULL;
  const std::uint64_t b = (HashOf(text, 2) & ~(3ULL << 62)) | (2ULL << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32,
                     (a >> 16) & 0xffff, a & 0xffff, b >> 48,
                     b & 0xffffffffffffULL);
}

}  // namespace pinhole::lab
