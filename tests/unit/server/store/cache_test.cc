// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/reads/cache.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::store {
namespace {

class CacheTest : public ::testing::Test {
 protected:
  void Put(int key, std::string value, std::size_t bytes = 8) {
    cache_.Put(cache_.Begin(key), key,
               std::make_shared<const std::string>(std::move(value)), bytes);
  }
  std::string Find(int key) {
    const auto value = cache_.Find(key);
    return value == nullptr ? "" : *value;
  }

  Cache<int, std::string> cache_{1 << 20};
};

TEST_F(CacheTest, FindsWhatWasPutAndCounts) {
  Put(1, "one");

  EXPECT_EQ(Find(1), "one");
  EXPECT_EQ(Find(2), "");
  EXPECT_EQ(cache_.Stats().hits, 1);
  EXPECT_EQ(cache_.Stats().misses, 1);
  EXPECT_EQ(cache_.Stats().entries, 1);
}

TEST_F(CacheTest, ErasedValueIsGone) {
  Put(1, "one");

  cache_.Erase(1);

  EXPECT_EQ(Find(1), "");
  EXPECT_EQ(cache_.Stats().bytes, 0);
}

TEST_F(CacheTest, ValueReadBeforeAnEraseIsNotKept) {
  const auto ticket = cache_.Begin(1);
  cache_.Erase(1);

  cache_.Put(ticket, 1, std::make_shared<const std::string>("stale"), 8);

  EXPECT_EQ(Find(1), "");
}

TEST_F(CacheTest, ValueReadBeforeAClearIsNotKept) {
  const auto ticket = cache_.Begin(1);
  cache_.Clear();

  cache_.Put(ticket, 1, std::make_shared<const std::string>("stale"), 8);

  EXPECT_EQ(Find(1), "");
}

TEST_F(CacheTest, NewValueReplacesTheOld) {
  Put(1, "one", 100);
  const auto before = cache_.Stats().bytes;

  Put(1, "uno", 100);

  EXPECT_EQ(Find(1), "uno");
  EXPECT_EQ(cache_.Stats().entries, 1);
  EXPECT_EQ(cache_.Stats().bytes, before);
}

TEST_F(CacheTest, StaysWithinItsBytes) {
  for (int key = 0; key < 10'000; ++key) Put(key, "x", 1000);

  EXPECT_LE(cache_.Stats().bytes, 1 << 20);
  EXPECT_GT(cache_.Stats().bytes, 1 << 19);
  EXPECT_EQ(cache_.Stats().entries + cache_.Stats().evictions, 10'000);
}

TEST_F(CacheTest, EvictsTheLeastRecentlyUsed) {
  Put(0, "wanted", 1000);
  for (int key = 1; key < 10'000; ++key) {
    Put(key, "x", 1000);
    ASSERT_EQ(Find(0), "wanted") << "after " << key;
  }
  EXPECT_EQ(Find(1), "");
}

TEST_F(CacheTest, ValueLargerThanTheCacheIsNotKept) {
  Put(1, "x", 2 << 20);

  EXPECT_EQ(Find(1), "");
  EXPECT_EQ(cache_.Stats().bytes, 0);
}

TEST_F(CacheTest, ReaderKeepsAValueThatIsErased) {
  Put(1, "one");
  const auto value = cache_.Find(1);

  cache_.Clear();

  EXPECT_EQ(*value, "one");
}

}  // namespace
}  // namespace pinhole::store
