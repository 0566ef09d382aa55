// SPDX-License-Identifier: Apache-2.0

// Calls of all read methods of a store, with answers as text that can be
// compared.

#pragma once

#include <string>
#include <vector>

#include "server/store/store.h"

namespace pinhole::testing {

// The arguments of the methods, each of which uses some of them.
struct Topic {
  UserId viewer;  // Or the owner of a private list.
  UserId user;
  std::string handle;
  std::string after_handle;
  PhotoId photo;
  std::string token_hash;
  RequestKey request;
  std::string file_key;
  PageRequest page;
};

// The number of read methods, which are numbered from 0.
inline constexpr int kMethods = 27;

// The answer as text; for lists, all pages from `topic.page` on.
std::string Ask(Store& store, int method, const Topic& topic);

// The question as text.
std::string Describe(int method, const Topic& topic);

// The questions and answers of all methods about `topic`.
std::vector<std::string> AskAll(Store& store, const Topic& topic);

}  // namespace pinhole::testing
