// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/accept.h"

#include <string>

#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

// 0 is lines, 1 is events, -1 is neither.
int Choose(const std::vector<std::string>& lines) {
  HeaderList headers;
  for (const std::string& line : lines) headers.emplace_back("accept", line);
  const auto chosen =
      ChooseType(headers, {"application/x-ndjson", "text/event-stream"});
  return chosen ? static_cast<int>(*chosen) : -1;
}

TEST(AcceptTest, ChoosesWhatTheClientLikesBest) {
  const struct {
    std::vector<std::string> accept;
    int chosen;
  } cases[] = {
      {{}, 0},
      {{""}, 0},
      {{"*/*"}, 0},
      {{"text/event-stream"}, 1},
      {{"Text/Event-Stream; charset=utf-8"}, 1},
      {{"text/*"}, 1},
      {{"application/*"}, 0},
      {{"application/x-ndjson"}, 0},
      {{"text/event-stream, */*"}, 1},
      {{"*/*", "text/event-stream"}, 1},
      {{"text/event-stream;q=0.5, application/x-ndjson;q=0.4"}, 1},
      {{"text/event-stream;q=0.5, application/x-ndjson;q=0.501"}, 0},
      {{"text/event-stream;q=0.1, */*"}, 0},
      {{"*/*, application/x-ndjson;q=0"}, 1},
      {{"application/*;q=0, */*;q=0.1"}, 1},
      {{"application/json"}, -1},
      {{"text/event-stream;q=0"}, -1},
      {{"*/*;q=0.000"}, -1},
      {{"nonsense"}, 0},
      {{"text/event-stream;q=2, application/x-ndjson;q=0.1"}, 0},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Choose(c.accept), c.chosen)
        << (c.accept.empty() ? "none" : c.accept[0]);
  }
}

}  // namespace
}  // namespace pinhole::gateway
