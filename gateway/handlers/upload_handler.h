// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "boost/asio/awaitable.hpp"
#include "gateway/handlers/call_handler.h"
#include "gateway/handlers/upload_body.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Calls a method that takes raw bytes (`RawFields`), from the body of the
// request or from the file of a form (multipart/form-data).
class UploadHandler : CallHandler {
 public:
  // `exchange` and `route` must outlive this object.
  UploadHandler(Exchange& exchange, const Route& route)
      : CallHandler(exchange, route) {}

  // `values` are those of the path's variables.
  boost::asio::awaitable<void> Run(const std::vector<std::string>& values,
                                   std::string_view query);

 private:
  boost::asio::awaitable<void> UploadBytes(
      const std::vector<std::string>& values, std::string_view query);
  boost::asio::awaitable<void> UploadForm(std::string_view query);
  boost::asio::awaitable<void> RefuseUpload(const absl::Status& status,
                                            Refusal refusal);
  std::unique_ptr<RequestStream> BeginUpload();
  boost::asio::awaitable<void> SendUpload(RequestStream& stream,
                                          MessagePtr first, UploadBody& body);
  // Sends the answer after the last read of the body.
  boost::asio::awaitable<void> EndUpload(const UploadBody::Read& last);
  // For a method that takes all bytes in one message.
  boost::asio::awaitable<void> SendWhole(MessagePtr request, UploadBody& body);
  boost::asio::awaitable<void> AnswerUpload(const UploadBody::Read& last);
};

}  // namespace pinhole::gateway
