// SPDX-License-Identifier: Apache-2.0

#include "server/store/queue/command_size.h"

#include <string>
#include <variant>

namespace pinhole::store {
namespace {

template <typename C>
std::size_t TextBytes(const C&) {
  return 0;
}
std::size_t TextBytes(const RequestKey& r) {
  return r.key.size() + r.fingerprint.size();
}
std::size_t TextBytes(const CreateUser& c) {
  return c.handle.size() + c.display_name.size() + c.password_hash.size() +
         TextBytes(c.request);
}
std::size_t TextBytes(const UpdateUser& c) {
  return (c.display_name ? c.display_name->size() : 0) +
         (c.bio ? c.bio->size() : 0);
}
std::size_t TextBytes(const CreateSession& c) {
  return c.token_hash.size() + c.password_hash.size() + TextBytes(c.request);
}
std::size_t TextBytes(const RecordUpload& c) { return c.file_key.size(); }
std::size_t TextBytes(const GiveUpUpload& c) { return c.file_key.size(); }
std::size_t TextBytes(const AddPhoto& c) {
  return c.file_key.size() + c.caption.size() + c.alt_text.size() +
         c.content_type.size() + TextBytes(c.request);
}
std::size_t TextBytes(const UpdatePhoto& c) {
  return (c.caption ? c.caption->size() : 0) +
         (c.alt_text ? c.alt_text->size() : 0);
}
std::size_t TextBytes(const ReplacePhotoFiles& c) {
  return c.old_file_key.size() + c.new_file_key.size() + c.content_type.size();
}
std::size_t TextBytes(const CreateComment& c) {
  return c.text.size() + TextBytes(c.request);
}
std::size_t TextBytes(const ForgetGarbage& c) {
  std::size_t bytes = 0;
  for (const std::string& key : c.file_keys) {
    bytes += sizeof(std::string) + key.size();
  }
  return bytes;
}

}  // namespace

std::size_t SizeOf(const Command& command) {
  return sizeof(Command) +
         std::visit([](const auto& c) { return TextBytes(c); }, command);
}

}  // namespace pinhole::store
