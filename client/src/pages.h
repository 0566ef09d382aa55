// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <iterator>
#include <string>
#include <type_traits>

#include "pinhole/connection.h"
#include "pinhole/listing.h"

namespace pinhole::client {

// Returns the list that a method returns in pages.  `entries` returns the
// repeated field of a response:
// [](auto& response) { return response.mutable_users(); }
template <typename T, typename Stub, typename Request, typename Response,
          typename Entries>
Listing<T> ListingOf(const Connection& connection,
                     grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                  const Request&, Response*),
                     std::type_identity_t<Request> request, Entries entries) {
  using Page = typename Listing<T>::Page;
  return Listing<T>([connection, method, request, entries](
                        const std::string& page_token,
                        int page_size) mutable -> absl::StatusOr<Page> {
    request.set_page_token(page_token);
    request.set_page_size(page_size);
    auto response = connection.Call(method, request);
    if (!response.ok()) return response.status();
    auto& list = *entries(*response);
    return Page{{std::make_move_iterator(list.begin()),
                 std::make_move_iterator(list.end())},
                std::move(*response->mutable_next_page_token())};
  });
}

}  // namespace pinhole::client
