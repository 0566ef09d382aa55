// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/multipart.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Event = MultipartParser::Event;

constexpr char kForm[] =
    "--xyz\r\n"
    "Content-Disposition: form-data; name=\"caption\"\r\n"
    "\r\n"
    "Half Dome\r\n"
    "--xyz \t\r\n"
    "content-disposition:form-data; NAME=file; filename=\"a \\\"b\\\".jpg\"\r\n"
    "Content-Type: image/jpeg\r\n"
    "Content-Transfer-Encoding: Binary\r\n"
    "\r\n"
    "\r\n--xy is data, \r and \r\n-- too\r\n"
    "--xyz--\r\n"
    "epilogue";

// What a form says, fed in pieces of `step` bytes; what is wrong with it, last.
std::vector<std::string> Parse(std::string_view form, std::size_t step) {
  MultipartParser parser("xyz");
  std::vector<std::string> said;
  std::string data;
  while (true) {
    const auto event = parser.Next();
    if (!event.ok()) {
      said.emplace_back(event.status().message());
      return said;
    }
    const FormPart& part = parser.part();
    switch (*event) {
      case Event::kNeedMore:
        if (form.empty()) {
          if (!parser.ended()) said.emplace_back("not ended");
          return said;
        }
        parser.Feed(std::string(form.substr(0, step)));
        form.remove_prefix(std::min(step, form.size()));
        break;
      case Event::kPart:
        said.push_back(absl::StrCat(part.name, part.is_file ? " (file) " : " ",
                                    part.content_type, " ",
                                    part.transfer_encoding));
        break;
      case Event::kData:
        data += parser.TakeData();
        break;
      case Event::kPartEnd:
        said.push_back(std::exchange(data, ""));
        break;
      case Event::kEnd:
        said.emplace_back("end");
        break;
    }
  }
}

std::string Part(std::string_view headers, std::string_view data) {
  return absl::StrCat(
      "--xyz\r\n", absl::string_view(headers.data(), headers.size()),
      "\r\n\r\n", absl::string_view(data.data(), data.size()), "\r\n");
}

TEST(MultipartTest, PartsComeApartWhereverTheBytesAreSplit) {
  const std::string form = kForm;
  for (std::size_t step = 1; step <= form.size(); ++step) {
    EXPECT_THAT(
        Parse(form, step),
        ElementsAre("caption  ", "Half Dome", "file (file) image/jpeg binary",
                    "\r\n--xy is data, \r and \r\n-- too", "end"))
        << step;
  }
}

TEST(MultipartTest, APieceOfNothingButDataIsHandedOnAsItIs) {
  MultipartParser parser("xyz");
  parser.Feed(
      "--xyz\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n");
  ASSERT_EQ(*parser.Next(), Event::kPart);
  ASSERT_EQ(*parser.Next(), Event::kNeedMore);
  std::string bytes(100'000, 'x');
  const char* const where = bytes.data();

  parser.Feed(std::move(bytes));

  ASSERT_EQ(*parser.Next(), Event::kData);
  EXPECT_EQ(parser.TakeData().data(), where);
}

TEST(MultipartTest, EmptyPartsAreParts) {
  EXPECT_THAT(
      Parse(Part("Content-Disposition: form-data; name=a", "") + "--xyz--", 7),
      ElementsAre("a  ", "", "end"));
  EXPECT_THAT(Parse("--xyz--", 1), ElementsAre("end"));
}

TEST(MultipartTest, ACutOffFormHasNotEnded) {
  const std::string form = std::string(kForm).substr(0, sizeof(kForm) - 14);
  EXPECT_EQ(Parse(form, 10).back(), "not ended");
}

TEST(MultipartTest, WhatIsNoFormIsRefused) {
  const std::string name = "Content-Disposition: form-data; name=a";
  for (const std::string& form : std::vector<std::string>{
           "--xyzz\r\n", "--xyz-\r\n", "--xyz\n", "--xyz \r\r",
           Part("no colon", "x"), Part(": x", "x"), Part("a b: x", "x"),
           Part(name + "\r\n folded", "x"), Part(name + "\nX: y", "x"),
           Part("Content-Type: image/png", "x"),
           Part("Content-Disposition: attachment; name=a", "x"),
           Part("Content-Disposition: form-data; name=\"a", "x"),
           Part("Content-Disposition: form-data; name", "x"),
           Part("Content-Disposition: form-data; name=a b", "x"),
           Part("Content-Disposition: form-data; name=\"\"", "x")}) {
    EXPECT_THAT(Parse(form, 5).back(), HasSubstr("multipart")) << form;
  }
}

TEST(MultipartTest, PartsHeadersAndTextAroundAreLimited) {
  const std::string name = "Content-Disposition: form-data; name=a";
  std::string many;
  for (int i = 0; i <= MultipartParser::kMaxParts; ++i) many += Part(name, "");
  const std::string long_header = Part(
      name + "\r\nX: " + std::string(MultipartParser::kMaxPartHeaders, 'y'),
      "");
  const std::string text(MultipartParser::kMaxAround + 1, 'x');

  for (const std::string& form :
       {many, long_header, long_header.substr(0, long_header.size() - 10),
        text + "\r\n--xyz--", text, "--xyz--" + text,
        "--xyz" + std::string(MultipartParser::kMaxPartHeaders + 1, ' ')}) {
    EXPECT_THAT(Parse(form, 100).back(), HasSubstr("multipart"));
  }
}

TEST(MultipartTest, HeadersOfJustTheLimitAreTakenWhereverTheyAreSplit) {
  const std::string name = "Content-Disposition: form-data; name=a\r\nX: ";
  // The line break after the boundary counts.
  const std::string rest(MultipartParser::kMaxPartHeaders - name.size() - 2,
                         'y');

  for (const std::size_t step : {1, 7, 100'000}) {
    EXPECT_THAT(Parse(Part(name + rest, "data") + "--xyz--", step),
                ElementsAre("a  ", "data", "end"));
    EXPECT_THAT(Parse(Part(name + rest + "y", "data") + "--xyz--", step).back(),
                HasSubstr("multipart"));
  }
}

TEST(MultipartTest, BoundaryIsFoundAsRfc2046AllowsIt) {
  EXPECT_EQ(FindBoundary("multipart/form-data; boundary=xyz"), "xyz");
  EXPECT_EQ(FindBoundary("multipart/form-data;charset=a; Boundary=\"x y/z\""),
            "x y/z");
  const std::string most(70, 'x');
  EXPECT_EQ(FindBoundary("multipart/form-data; boundary=" + most), most);
  for (const std::string& type : std::vector<std::string>{
           "", "multipart/form-data", "multipart/form-data; boundary=",
           "multipart/form-data; boundary=x" + most,
           "multipart/form-data; boundary=\"x ", "a; boundary=\"x \"",
           "a; boundary=\"x\r\ny\"", "a; boundary=x y"}) {
    EXPECT_EQ(FindBoundary(type), std::nullopt) << type;
  }
}

}  // namespace
}  // namespace pinhole::gateway
