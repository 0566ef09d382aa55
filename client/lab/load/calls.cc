// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/calls.h"

#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"
#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::lab {
namespace {

// The page size of feeds and profiles.
constexpr int kPageSize = 20;
// The largest page that a server returns.
constexpr int kLongPageSize = 100;
// The largest chunk of an upload that a server accepts.
constexpr std::size_t kChunkBytes = 256 * 1024;

// A call for either dialect.  `line` is "GET /v1/feed"; `json` is the body,
// empty if there is none.
Request MakeRequest(Dialect dialect, std::string_view method,
                    const google::protobuf::Message& request, std::string line,
                    std::string json = "") {
  Request call;
  if (dialect == Dialect::kGrpc) {
    call.method = fmt::format("/pinhole.v1.{}", method);
    call.messages.push_back(request.SerializeAsString());
    return call;
  }
  call.method = std::move(line);
  if (!json.empty()) {
    call.content_type = "application/json";
    call.messages.push_back(std::move(json));
  }
  return call;
}

template <typename Message>
Request ByName(Dialect dialect, std::string_view method, std::string_view verb,
               const std::string& name) {
  Message request;
  request.set_name(name);
  return MakeRequest(dialect, fmt::format("SocialService/{}", method), request,
                     fmt::format("POST /v1/{}:{}", name, verb), "{}");
}

Request Download(Dialect dialect, const std::string& photo, v1::Rendition size,
                 std::string_view segment) {
  v1::DownloadPhotoRequest request;
  request.set_name(photo);
  request.set_rendition(size);
  Request call = MakeRequest(dialect, "PhotoService/DownloadPhoto", request,
                             fmt::format("GET /v1/{}/{}", photo, segment));
  call.streams = true;
  return call;
}

std::string Json(const google::protobuf::Message& message) {
  std::string json;
  // A message without Any fields can always be written.
  (void)google::protobuf::util::MessageToJsonString(message, &json).ok();
  return json;
}

}  // namespace

bool ParseAnswer(Dialect dialect, const std::string& bytes,
                 google::protobuf::Message& message) {
  if (dialect == Dialect::kGrpc) return message.ParseFromString(bytes);
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage(bytes, &message, lenient)
      .ok();
}

Request Register(Dialect dialect, const std::string& handle,
                 const std::string& password) {
  v1::CreateUserRequest request;
  request.set_handle(handle);
  request.set_password(password);
  return MakeRequest(dialect, "UserService/CreateUser", request,
                     "POST /v1/users", Json(request));
}

Request LogIn(Dialect dialect, const std::string& handle,
              const std::string& password) {
  v1::CreateSessionRequest request;
  request.set_handle(handle);
  request.set_password(password);
  return MakeRequest(dialect, "UserService/CreateSession", request,
                     "POST /v1/sessions", Json(request));
}

Request DeleteUser(Dialect dialect, const std::string& handle,
                   const std::string& password) {
  v1::DeleteUserRequest request;
  request.set_password(password);
  const std::string json = Json(request);
  request.set_name("users/" + handle);
  return MakeRequest(dialect, "UserService/DeleteUser", request,
                     fmt::format("POST /v1/users/{}:delete", handle), json);
}

Request GetUser(Dialect dialect, const std::string& user) {
  v1::GetUserRequest request;
  request.set_name(user);
  return MakeRequest(dialect, "UserService/GetUser", request,
                     fmt::format("GET /v1/{}", user));
}

Request SearchUsers(Dialect dialect, const std::string& query,
                    const std::string& page_token) {
  v1::SearchUsersRequest request;
  request.set_query(query);
  request.set_page_size(kLongPageSize);
  request.set_page_token(page_token);
  return MakeRequest(
      dialect, "UserService/SearchUsers", request,
      fmt::format("GET /v1/users:search?query={}&pageSize={}&pageToken={}",
                  query, kLongPageSize, page_token));
}

Request Feed(Dialect dialect) {
  v1::GetFeedRequest request;
  request.set_page_size(kPageSize);
  return MakeRequest(dialect, "SocialService/GetFeed", request,
                     fmt::format("GET /v1/feed?pageSize={}", kPageSize));
}

Request PhotosOf(Dialect dialect, const std::string& user) {
  v1::ListPhotosRequest request;
  request.set_parent(user);
  request.set_page_size(kPageSize);
  return MakeRequest(
      dialect, "PhotoService/ListPhotos", request,
      fmt::format("GET /v1/{}/photos?pageSize={}", user, kPageSize));
}

Request GetPhoto(Dialect dialect, const std::string& photo) {
  v1::GetPhotoRequest request;
  request.set_name(photo);
  return MakeRequest(dialect, "PhotoService/GetPhoto", request,
                     fmt::format("GET /v1/{}", photo));
}

Request RecentPhotos(Dialect dialect, const std::string& page_token) {
  v1::ListRecentPhotosRequest request;
  request.set_page_size(kLongPageSize);
  request.set_page_token(page_token);
  return MakeRequest(dialect, "PhotoService/ListRecentPhotos", request,
                     fmt::format("GET /v1/photos?pageSize={}&pageToken={}",
                                 kLongPageSize, page_token));
}

Request Thumbnail(Dialect dialect, const std::string& photo) {
  return Download(dialect, photo, v1::RENDITION_THUMBNAIL, "thumbnail");
}

Request LargePicture(Dialect dialect, const std::string& photo) {
  return Download(dialect, photo, v1::RENDITION_LARGE, "large");
}

Request SetLike(Dialect dialect, const std::string& photo, bool liked) {
  return liked
             ? ByName<v1::LikePhotoRequest>(dialect, "LikePhoto", "like", photo)
             : ByName<v1::UnlikePhotoRequest>(dialect, "UnlikePhoto", "unlike",
                                              photo);
}

Request SetFollow(Dialect dialect, const std::string& user, bool followed) {
  return followed ? ByName<v1::FollowUserRequest>(dialect, "FollowUser",
                                                  "follow", user)
                  : ByName<v1::UnfollowUserRequest>(dialect, "UnfollowUser",
                                                    "unfollow", user);
}

Request Comment(Dialect dialect, const std::string& photo,
                const std::string& text) {
  v1::CreateCommentRequest request;
  request.set_parent(photo);
  request.set_text(text);
  return MakeRequest(dialect, "SocialService/CreateComment", request,
                     fmt::format("POST /v1/{}/comments", photo),
                     fmt::format(R"({{"text":"{}"}})", text));
}

Request ServerInfo(Dialect dialect) {
  return MakeRequest(dialect, "AdminService/GetServerInfo",
                     v1::GetServerInfoRequest(), "GET /v1/serverInfo");
}

Request Upload(Dialect dialect, const std::string& picture) {
  Request call;
  if (dialect == Dialect::kHttp) {
    call.method = "POST /v1/photos:upload?caption=Lab";
    call.content_type = "image/jpeg";
    call.messages.push_back(picture);
    return call;
  }
  call.method = "/pinhole.v1.PhotoService/UploadPhoto";
  call.streams = true;
  v1::UploadPhotoRequest head;
  head.mutable_metadata()->set_caption("Lab");
  call.messages.push_back(head.SerializeAsString());
  for (std::size_t at = 0; at < picture.size(); at += kChunkBytes) {
    v1::UploadPhotoRequest chunk;
    chunk.set_chunk(picture.substr(at, kChunkBytes));
    call.messages.push_back(chunk.SerializeAsString());
  }
  return call;
}

}  // namespace pinhole::lab
