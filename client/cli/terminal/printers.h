// SPDX-License-Identifier: Apache-2.0

// Output formats of resources: text for people and JSON for programs.

#pragma once

#include <string>
#include <vector>

#include "client/cli/terminal/table.h"
#include "google/protobuf/message.h"
#include "pinhole/client.h"

namespace pinhole::cli {

// Formats a resource as text, a line for each property.
std::string Describe(const v1::User& user);
std::string Describe(const v1::Photo& photo);
std::string Describe(const v1::Comment& comment);
std::string Describe(const v1::Relationship& relationship);
std::string Describe(const v1::ServerInfo& info);
std::string Describe(const v1::Backup& backup);

// Formats resources as a table.  Strings are resource names of users.
Table TableOf(const std::vector<std::string>& users);
Table TableOf(const std::vector<v1::User>& users);
Table TableOf(const std::vector<v1::Session>& sessions);
Table TableOf(const std::vector<v1::Photo>& photos);
Table TableOf(const std::vector<v1::Comment>& comments);
Table TableOf(const std::vector<v1::Like>& likes);
Table TableOf(const std::vector<v1::Notification>& notifications);

// Formats a message as proto3 JSON on one line, including fields with default
// values.
std::string Json(const google::protobuf::Message& message);
std::string Json(const std::string& text);

// Formats messages as {"items":[...]}.
template <typename T>
std::string JsonList(const std::vector<T>& messages) {
  std::string text = "{\"items\":[";
  for (const T& message : messages) {
    if (text.back() != '[') text += ",";
    text += Json(message);
  }
  return text + "]}";
}

}  // namespace pinhole::cli
