// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/paging.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "server/model/limits.h"
#include "server/rpc/services/validate.h"

namespace pinhole::rpc {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

const FieldDescriptor* Field(const Message& request, const char* name) {
  return request.GetDescriptor()->FindFieldByName(name);
}

// The request's type identifies the method.
std::string ContextOf(const Caller& caller, const Message& request) {
  return fmt::format("page {} {} {}", request.GetDescriptor()->full_name(),
                     caller.user.value,
                     CanonicalWithout(request, {"page_size", "page_token"}));
}

}  // namespace

absl::StatusOr<TextPageRequest> ParseTextPage(const domain::TokenSigner& signer,
                                              const Caller& caller,
                                              const Message& request) {
  const auto* reflection = request.GetReflection();
  const int size = reflection->GetInt32(request, Field(request, "page_size"));
  if (size < 0) return InvalidField("page_size", "must not be negative");
  TextPageRequest page;
  page.limit = size == 0 ? limits::kDefaultPageSize
                         : std::min<int>(size, limits::kMaxPageSize);
  const std::string token =
      reflection->GetString(request, Field(request, "page_token"));
  if (token.empty()) return page;
  std::optional<std::string> after =
      signer.Verify(ContextOf(caller, request), token);
  if (!after) {
    return InvalidField(
        "page_token",
        "must be a next_page_token of the same query; start at the first page",
        Reason::kInvalidPageToken);
  }
  page.after = *std::move(after);
  return page;
}

std::string NextTextPageToken(const domain::TokenSigner& signer,
                              const Caller& caller, const Message& request,
                              const std::string& next) {
  if (next.empty()) return {};
  return signer.Sign(ContextOf(caller, request), next);
}

absl::StatusOr<PageRequest> ParsePage(const domain::TokenSigner& signer,
                                      const Caller& caller,
                                      const Message& request) {
  ASSIGN_OR_RETURN(const TextPageRequest text,
                   ParseTextPage(signer, caller, request));
  PageRequest page{.after = 0, .limit = text.limit};
  // Verified tokens contain valid numbers only.
  std::from_chars(text.after.data(), text.after.data() + text.after.size(),
                  page.after);
  return page;
}

std::string NextPageToken(const domain::TokenSigner& signer,
                          const Caller& caller, const Message& request,
                          std::int64_t next) {
  if (next == 0) return {};
  return NextTextPageToken(signer, caller, request, std::to_string(next));
}

}  // namespace pinhole::rpc
