// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/cleanup.h"

#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

TEST(CleanupTest, HandlesOfTheLabAreThoseItGives) {
  for (const char* handle : {"lab1f2en0x0", "lab1f2enbeefx123", "lab1f2ep7"}) {
    EXPECT_TRUE(IsLabHandle(handle, "")) << handle;
    EXPECT_TRUE(IsLabHandle(handle, "lab1f2e")) << handle;
  }
}

TEST(CleanupTest, HandlesOfPeopleAreNotTheLabs) {
  for (const char* handle :
       {"ansel", "lab", "labrador", "lab1f2e", "lab1f2en", "lab1f2ep",
        "lab1f2en0", "lab1f2en0x", "lab1f2en0x0a", "lab1f2ep7b", "labp7",
        "lab123456789p7", "lab1f2en12345x0", "xlab1f2ep7"}) {
    EXPECT_FALSE(IsLabHandle(handle, "")) << handle;
  }
}

TEST(CleanupTest, HandlesOfAnotherRunAreLeftAlone) {
  EXPECT_FALSE(IsLabHandle("lab1f2ep7", "lab1f2"));
  EXPECT_FALSE(IsLabHandle("lab1f2ep7", "lab1f2e0"));
}

TEST(CleanupTest, RunIsAPrefixThatTheLabPrints) {
  EXPECT_TRUE(CheckRun("lab1f2e").ok());
  for (const char* run : {"", "lab", "ansel", "lab1f2ep7", "lab123456789"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckRun(run))) << run;
  }
}

}  // namespace
}  // namespace pinhole::lab
