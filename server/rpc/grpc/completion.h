// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace pinhole::rpc {

// The end of an operation.  The tag of every operation that is started on a
// loop's queue is a `Completion*`.
class Completion {
 public:
  virtual ~Completion() = default;
  // Called on the loop's thread when the operation ends, with gRPC's `ok`.
  virtual void OnCompletion(bool ok) = 0;
};

}  // namespace pinhole::rpc
