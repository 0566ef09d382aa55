// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <type_traits>
#include <vector>

#include "pinhole/connection.h"

namespace pinhole::client {

// Reads the pages of a list until it has `limit` entries or there are no more.
// `entries` returns the repeated field of a response:
// [](auto& response) { return response.mutable_users(); }
template <typename T, typename Stub, typename Request, typename Response,
          typename Entries>
absl::StatusOr<std::vector<T>> WalkPages(
    const Connection& connection,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 Response*),
    std::type_identity_t<Request> request, int limit, Entries entries) {
  constexpr int kLargestPage = 100;
  std::vector<T> all;
  while (static_cast<int>(all.size()) < limit) {
    const int missing = limit - static_cast<int>(all.size());
    request.set_page_size(std::min(missing, kLargestPage));
    auto page = connection.Call(method, request);
    if (!page.ok()) return page.status();
    for (T& entry : *entries(*page)) {
      if (static_cast<int>(all.size()) == limit) break;
      all.push_back(std::move(entry));
    }
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  return all;
}

}  // namespace pinhole::client
