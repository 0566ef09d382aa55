// SPDX-License-Identifier: Apache-2.0

#include "base/net/host_port.h"

#include "gtest/gtest.h"

namespace pinhole {
namespace {

std::string Parsed(std::string_view text,
                   std::optional<std::uint16_t> default_port = std::nullopt) {
  const auto parsed = ParseHostPort(text, default_port);
  return parsed ? parsed->host + " " + std::to_string(parsed->port) : "none";
}

TEST(HostPortTest, NamesAndNumbersHaveAPort) {
  EXPECT_EQ(Parsed("example.org:80"), "example.org 80");
  EXPECT_EQ(Parsed("192.0.2.1:0"), "192.0.2.1 0");
  EXPECT_EQ(Parsed("[2001:db8::1]:65535"), "2001:db8::1 65535");
}

TEST(HostPortTest, OtherFormsAreRefused) {
  for (const char* text : {"",          ":",
                           ":80",       "[]:80",
                           "host",      "host:",
                           "host:http", "host:65536",
                           "host:-1",   "host:+1",
                           "host: 1",   "host:1 ",
                           "host:0x1",  "::1",
                           "::1:80",    "a:b:80",
                           "[::1]",     "[::1",
                           "[::1]80",   "[::1]:",
                           "unix:/a",   "localhost:1@example.org"}) {
    EXPECT_EQ(Parsed(text), "none") << text;
  }
}

TEST(HostPortTest, AMissingPortIsTheDefaultOne) {
  EXPECT_EQ(Parsed("host", 7), "host 7");
  EXPECT_EQ(Parsed("[::1]", 7), "::1 7");
  EXPECT_EQ(Parsed("host:8", 7), "host 8");
  for (const char* text : {"", ":8", "host:", "::1", "[::1]x"}) {
    EXPECT_EQ(Parsed(text, 7), "none") << text;
  }
}

TEST(HostPortTest, TextCanBeParsedAgain) {
  for (const char* text : {"host:1", "192.0.2.1:2", "[2001:db8::1]:3"}) {
    EXPECT_EQ(ParseHostPort(text)->Text(), text);
  }
}

}  // namespace
}  // namespace pinhole
