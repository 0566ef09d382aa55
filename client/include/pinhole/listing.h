// SPDX-License-Identifier: Apache-2.0

// A list that is read from the server while it is iterated.

#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::client {

// A list of unknown length.  An input range, of which one page is in memory:
//
//   auto photos = client.PhotosOf("ansel");
//   for (const v1::Photo& photo : photos) ...
//   if (!photos.status().ok()) ...
//
// The loop ends at the end of the list or at the first error.  Each page is
// read, with retries, when the loop reaches it, with the session that the
// client had when it returned the listing.  Can be iterated once.  Can be
// moved, but not during the loop.  Not thread-safe.
template <typename T>
class Listing {
 public:
  static constexpr int kLargestPage = 100;

  struct Page {
    std::vector<T> entries;
    std::string next_page_token;  // Empty on the last page.
  };
  // Reads the page of a token, which is empty for the first page.
  using ReadPage = std::function<absl::StatusOr<Page>(
      const std::string& page_token, int page_size)>;

  explicit Listing(ReadPage read) : read_(std::move(read)) {}
  // A listing that has failed.  `error` must not be OK.
  explicit Listing(absl::Status error)
      : last_(true), status_(std::move(error)) {}
  Listing(Listing&&) noexcept = default;
  Listing& operator=(Listing&&) noexcept = default;

  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    // The entry can be moved from.
    T& operator*() const { return listing_->page_[listing_->next_]; }
    T* operator->() const { return &**this; }
    Iterator& operator++() {
      ++listing_->next_;
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const {
      return !listing_->Fill(kLargestPage);
    }

   private:
    friend class Listing;
    explicit Iterator(Listing* listing) : listing_(listing) {}
    Listing* listing_;
  };

  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }

  // OK unless reading a page has failed.
  const absl::Status& status() const { return status_; }

  // Returns the first entries, at most `limit`, instead of a loop.
  absl::StatusOr<std::vector<T>> First(int limit) {
    if (!status_.ok()) return status_;
    std::vector<T> all;
    while (std::ssize(all) < limit) {
      const auto missing = limit - std::ssize(all);
      if (!Fill(static_cast<int>(
              std::min<std::ptrdiff_t>(missing, kLargestPage)))) {
        break;
      }
      all.push_back(std::move(page_[next_++]));
    }
    if (!status_.ok()) return status_;
    return all;
  }

 private:
  // Returns whether there is a next entry.  Reads pages until there is one; a
  // page that is not the last can be empty.
  bool Fill(int page_size) {
    while (next_ == page_.size() && !last_) {
      absl::StatusOr<Page> page = read_(page_token_, page_size);
      status_ = page.status();
      last_ = !page.ok() || page->next_page_token.empty();
      next_ = 0;
      page_.clear();
      if (!page.ok()) continue;
      page_ = std::move(page->entries);
      page_token_ = std::move(page->next_page_token);
    }
    return next_ < page_.size();
  }

  ReadPage read_;
  std::vector<T> page_;   // The current page,
  std::size_t next_ = 0;  // and the index of the next entry in it.
  std::string page_token_;
  bool last_ = false;  // No page is left to read, or reading failed.
  absl::Status status_;
};

}  // namespace pinhole::client
