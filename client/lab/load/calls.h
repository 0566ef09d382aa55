// SPDX-License-Identifier: Apache-2.0

// The calls that a load test makes, for gRPC and for HTTP.

#pragma once

#include <string>

#include "client/lab/load/transport.h"
#include "google/protobuf/message.h"

namespace pinhole::lab {

// `user` is a name like "users/ansel", `photo` one like "photos/1".  The caller
// sets the token.
Request Register(Dialect dialect, const std::string& handle,
                 const std::string& password);
Request LogIn(Dialect dialect, const std::string& handle,
              const std::string& password);
Request DeleteUser(Dialect dialect, const std::string& handle,
                   const std::string& password);
Request GetUser(Dialect dialect, const std::string& user);
// Users whose handle begins with `query`, which must not have characters that a
// URL escapes.
Request SearchUsers(Dialect dialect, const std::string& query,
                    const std::string& page_token);
Request Feed(Dialect dialect);
Request PhotosOf(Dialect dialect, const std::string& user);
Request RecentPhotos(Dialect dialect, const std::string& page_token);
Request GetPhoto(Dialect dialect, const std::string& photo);
Request Thumbnail(Dialect dialect, const std::string& photo);
Request LargePicture(Dialect dialect, const std::string& photo);
Request SetLike(Dialect dialect, const std::string& photo, bool liked);
Request SetFollow(Dialect dialect, const std::string& user, bool followed);
// `text` must not have characters that JSON escapes.
Request Comment(Dialect dialect, const std::string& photo,
                const std::string& text);
Request ServerInfo(Dialect dialect);
Request Upload(Dialect dialect, const std::string& picture);

// Parses the body of an answer; returns false if it is not a `message`.
bool ParseAnswer(Dialect dialect, const std::string& bytes,
                 google::protobuf::Message& message);

}  // namespace pinhole::lab
