// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/range.h"

#include <string>
#include <vector>

#include "fmt/format.h"
#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

// "offset+length" of 100 bytes; "all" if the header asks for no single range,
// "none" if for bytes that are not there.
std::string Of100(std::string_view header) {
  const auto range = ParseRange(header);
  if (!range) return "all";
  const auto span = Resolve(*range, 100);
  if (!span) return "none";
  return fmt::format("{}+{}", span->offset, span->length);
}

TEST(RangeTest, OneRangeIsPartOfTheBytes) {
  EXPECT_EQ(Of100("bytes=0-0"), "0+1");
  EXPECT_EQ(Of100("bytes=10-19"), "10+10");
  EXPECT_EQ(Of100("BYTES= 10-19 "), "10+10");
  EXPECT_EQ(Of100("bytes=90-"), "90+10");
  EXPECT_EQ(Of100("bytes=99-1000"), "99+1");
  EXPECT_EQ(Of100("bytes=-10"), "90+10");
  EXPECT_EQ(Of100("bytes=-1000"), "0+100");
  EXPECT_EQ(Of100("bytes=5-99999999999999999999999"), "5+95");
  EXPECT_EQ(Of100("bytes=-99999999999999999999999"), "0+100");
}

TEST(RangeTest, BytesThatAreNotThereAreNoRange) {
  EXPECT_EQ(Of100("bytes=100-"), "none");
  EXPECT_EQ(Of100("bytes=100-200"), "none");
  EXPECT_EQ(Of100("bytes=99999999999999999999999-"), "none");
  EXPECT_EQ(Of100("bytes=-0"), "none");
  EXPECT_EQ(Resolve(*ParseRange("bytes=0-"), 0), std::nullopt);
  EXPECT_EQ(Resolve(*ParseRange("bytes=-5"), 0), std::nullopt);
}

TEST(RangeTest, WhatIsNotOneRangeOfBytesIsIgnored) {
  for (const char* header :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-1",
        "bytes=+1-2", "bytes=--5", "bytes=1-2-3", "bytes=1 - 2", "items=0-5",
        "bytes=0-1,3-4", "bytes=0-0,0-0,0-0", "bytes=0x1-2"}) {
    EXPECT_EQ(Of100(header), "all") << header;
  }
}

}  // namespace
}  // namespace pinhole::gateway
