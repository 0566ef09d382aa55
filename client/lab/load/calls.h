// SPDX-License-Identifier: Apache-2.0

// The calls that a load test makes, each in both dialects: as gRPC sends it,
// and as its HTTP rule says.

#ifndef PINHOLE_CLIENT_LAB_LOAD_CALLS_H_
#define PINHOLE_CLIENT_LAB_LOAD_CALLS_H_

#include <string>

#include "client/lab/load/transport.h"
#include "google/protobuf/message.h"

namespace pinhole::lab {

// `users` are named "users/ansel", `photos` "photos/1". None has a token yet.
Request Register(Dialect dialect, const std::string& handle,
                 const std::string& password);
Request LogIn(Dialect dialect, const std::string& handle,
              const std::string& password);
Request DeleteUser(Dialect dialect, const std::string& handle,
                   const std::string& password);
Request GetUser(Dialect dialect, const std::string& user);
Request Feed(Dialect dialect);
Request PhotosOf(Dialect dialect, const std::string& user);
Request RecentPhotos(Dialect dialect, const std::string& page_token);
Request GetPhoto(Dialect dialect, const std::string& photo);
Request Thumbnail(Dialect dialect, const std::string& photo);
Request LargePicture(Dialect dialect, const std::string& photo);
Request SetLike(Dialect dialect, const std::string& photo, bool liked);
Request SetFollow(Dialect dialect, const std::string& user, bool followed);
// `text` has no characters that JSON would escape.
Request Comment(Dialect dialect, const std::string& photo,
                const std::string& text);
Request ServerInfo(Dialect dialect);
Request Upload(Dialect dialect, const std::string& picture);

// Reads the body of an answer; false if it is not that.
bool ParseAnswer(Dialect dialect, const std::string& bytes,
                 google::protobuf::Message& message);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_LOAD_CALLS_H_
