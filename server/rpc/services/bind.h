// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_SERVICES_BIND_H_
#define PINHOLE_SERVER_RPC_SERVICES_BIND_H_

#include <functional>

#include "base/async/task.h"
#include "server/rpc/call.h"

namespace pinhole::rpc {

// A service's member function as a handler for the registry, which takes the
// message types from it.  `service` must outlive the handler.
template <typename Service, typename Result, typename... Arguments>
std::function<Task<Result>(Call&, Arguments...)> Bind(
    Service& service, Task<Result> (Service::*handler)(Call&, Arguments...)) {
  return [&service, handler](Call& call, Arguments... arguments) {
    return (service.*handler)(call, arguments...);
  };
}

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_SERVICES_BIND_H_
