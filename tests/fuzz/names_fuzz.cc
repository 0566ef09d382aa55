// SPDX-License-Identifier: Apache-2.0

// What people and programs type into fields: names, ids, masks, tokens, texts.
// The first byte of an input says which, and the rest is the field.

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "base/bearer_token.h"
#include "server/domain/text/text.h"
#include "server/domain/text/token_signer.h"
#include "server/model/limits.h"
#include "server/rpc/services/resource_name.h"
#include "server/rpc/services/validate.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/manual_clock.h"
#include "tests/support/model_store/model_store.h"

namespace pinhole::rpc {
namespace {

using gateway::Expect;

constexpr char kField[] = "field";

std::string Lower(std::string_view text) {
  return absl::AsciiStrToLower({text.data(), text.size()});
}

void CheckIds(std::string_view name) {
  const auto photo = ParsePhotoName(kField, name);
  Expect(!photo.ok() || FormatPhotoName(*photo) == name, "a photo has one name",
         name);
  const auto comment = ParseCommentName(kField, name);
  Expect(!comment.ok() ||
             FormatCommentName(comment->photo, comment->comment) == name,
         "a comment has one name", name);
  const auto notification = ParseNotificationName(kField, name);
  Expect(!notification.ok() || FormatNotificationName(*notification) == name,
         "a notification has one name", name);
}

void CheckUsers(std::string_view name) {
  Caller caller;
  caller.user = UserId{7};
  caller.session = SessionId{8};
  caller.handle = "ansel";
  const bool me = name == "users/me";
  const auto user = ParseUserName(kField, name, caller);
  Expect(!user.ok() || me || FormatUserName(*user) == Lower(name),
         "a user has one name, in lower case", name);
  Expect(!me || user.value() == "ansel", "me is the caller", name);
  const auto session = ParseSessionName(kField, name, caller);
  if (!session.ok()) return;
  const std::string printed =
      FormatSessionName(session->handle, session->session);
  Expect(ParseSessionName(kField, printed, caller)->session == session->session,
         "a session's name names it", name);
}

void CheckRequestId(std::string_view text) {
  const auto id = NormalizeRequestId(kField, text);
  if (!id.ok()) return;
  Expect(*id == Lower(text) && (id->empty() || id->size() == 36),
         "a request id is a UUID", text);
}

void CheckMask(std::string_view text) {
  google::protobuf::FieldMask mask;
  while (!text.empty()) {
    const std::string_view path = text.substr(0, text.find(','));
    text.remove_prefix(std::min(path.size() + 1, text.size()));
    mask.add_paths(std::string(path));
  }
  const auto paths = PathsToUpdate(mask, v1::Photo(), {"caption", "alt_text"});
  if (!paths.ok()) return;
  for (const std::string& path : *paths) {
    Expect(path == "caption" || path == "alt_text",
           "only what may be changed is changed", path);
  }
}

void CheckBearer(std::string_view header) {
  const auto token = ParseBearerToken(header);
  if (!token) return;
  Expect(!token->empty() &&
             token->data() + token->size() == header.data() + header.size(),
         "a token is the end of the header", header);
  Expect(std::all_of(token->begin(), token->end(),
                     [](char c) { return c > ' ' && c < 0x7f; }),
         "a token is printable", header);
}

void CheckToken(std::string_view text) {
  static const testing::ManualClock& clock = *new testing::ManualClock;
  static const testing::ModelStore& store = *new testing::ModelStore(clock);
  const domain::TokenSigner signer(store);
  Expect(!signer.Verify("page", text), "only our own tokens are opened", text);
  const std::string token = signer.Sign("page", text);
  Expect(signer.Verify("page", token) == text, "what was sealed is opened",
         text);
  Expect(!signer.Verify("other", token), "where it was sealed", text);
  for (std::size_t i = 0; i < token.size(); i += 7) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    // The last character has bits that stand for nothing.
    Expect(signer.Verify("page", changed).value_or(std::string(text)) == text,
           "nobody can change it", text);
  }
}

template <typename Normalize>
void CheckText(std::string_view text, std::int32_t most, Normalize normalize) {
  const auto once = normalize(kField, text);
  if (!once.ok()) return;
  const auto twice = normalize(kField, *once);
  Expect(twice.ok() && *twice == *once, "what is normalized stays so", text);
  const auto characters = std::count_if(
      once->begin(), once->end(), [](char c) { return (c & 0xC0) != 0x80; });
  Expect(characters <= most, "a text has its limit", text);
  Expect(std::none_of(once->begin(), once->end(),
                      [](char c) {
                        return (c >= 0 && c < ' ' && c != '\n' && c != '\t') ||
                               c == 0x7f;
                      }),
         "a text has no control characters", text);
}

void CheckTexts(std::string_view text) {
  CheckText(text, limits::kMaxCaptionCharacters, domain::NormalizeCaption);
  CheckText(text, limits::kMaxAltTextCharacters, domain::NormalizeAltText);
  CheckText(text, limits::kMaxBioCharacters, domain::NormalizeBio);
  CheckText(text, limits::kMaxDisplayNameCharacters,
            domain::NormalizeDisplayName);
  CheckText(text, limits::kMaxCommentCharacters, domain::NormalizeComment);
  CheckText(text, limits::kMaxHandleCharacters, domain::NormalizeHandle);
  // Any text may be searched for.
  const auto prefix = domain::NormalizeHandlePrefix(kField, text);
  Expect(!prefix.ok() || domain::NormalizeHandlePrefix(kField, *prefix).ok(),
         "what is searched for may be searched for", text);
}

void Check(char kind, std::string_view text) {
  switch (kind) {
    case 'b':
      return CheckBearer(text);
    case 'i':
      return CheckIds(text);
    case 'k':
      return CheckToken(text);
    case 'm':
      return CheckMask(text);
    case 'r':
      return CheckRequestId(text);
    case 't':
      return CheckTexts(text);
    case 'u':
      return CheckUsers(text);
    default:
      return;
  }
}

}  // namespace
}  // namespace pinhole::rpc

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  pinhole::rpc::Check(static_cast<char>(data[0]),
                      pinhole::gateway::Text(data + 1, size - 1));
  return 0;
}
