// SPDX-License-Identifier: Apache-2.0

// Files of 10 MiB, one after the other, over HTTP and straight over gRPC.

#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "pinhole/v1/photo_service.grpc.pb.h"
#include "tests/bench/http_load.h"

namespace pinhole::bench {

// MiB/s over one connection to a gateway at HOST:PORT.
class HttpTransfer {
 public:
  explicit HttpTransfer(const std::string& address);
  double Upload(absl::Duration time);
  double Download(absl::Duration time);

 private:
  HttpConnection connection_;
  const std::string upload_;
  const std::string download_;
};

// MiB/s over one channel to a server, in messages as large as the gateway's.
class GrpcTransfer {
 public:
  explicit GrpcTransfer(const std::string& target);
  double Upload(absl::Duration time);
  double Download(absl::Duration time);

 private:
  std::unique_ptr<v1::PhotoService::Stub> stub_;
};

}  // namespace pinhole::bench
