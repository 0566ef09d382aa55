// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "base/status_macros.h"
#include "google/protobuf/repeated_field.h"
#include "server/domain/actor.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"
#include "server/rpc/services/convert.h"
#include "server/rpc/services/paging.h"
#include "server/rpc/services/resource_name.h"

namespace pinhole::rpc {

// The caller of `call`, who waits no longer than the call's deadline.
inline domain::Actor ActorOf(const Call& call) {
  return {call.caller.user, call.deadline};
}

// A member function of a service as a handler for the registry, which deduces
// the message types from it.  `service` must outlive the handler.
template <typename Service, typename Result, typename... Arguments>
std::function<Task<Result>(Call&, Arguments...)> Bind(
    Service& service, Task<Result> (Service::*handler)(Call&, Arguments...)) {
  return [&service, handler](Call& call, Arguments... arguments) {
    return (service.*handler)(call, arguments...);
  };
}

// Registers the unary methods of one service.  A list or an action that only
// translates between messages and one call of the domain is added by that call,
// without a handler of its own.  Services, domain objects and signers must
// outlive the registry.
class ServiceHandlers {
 public:
  // `service` is a full name: pinhole.v1.UserService.
  ServiceHandlers(Registry& registry, std::string_view service)
      : registry_(registry), prefix_(std::string(service) + ".") {}

  template <typename Service, typename Request, typename Response>
  void Add(std::string_view method, Service& service,
           Task<absl::StatusOr<Response>> (Service::*handler)(Call&,
                                                              const Request&)) {
    registry_.Unary(Name(method), Bind(service, handler));
  }

  // A method that answers a page: of `list(viewer, parent, page)`, with the
  // parent named by the field `parent`, or of `list(viewer, page)`.  `items` is
  // the repeated field of the response.
  template <typename Request, typename Domain, typename List, typename Response,
            typename Item>
  void AddList(std::string_view method, const domain::TokenSigner& signer,
               Domain& domain, List list,
               google::protobuf::RepeatedPtrField<Item>* (Response::*items)()) {
    const auto handler = [&signer, &domain, list, items](
                             Call& call, const Request& request) {
      return AnswerList(call, request, signer, domain, list, items);
    };
    registry_.Unary<Request, Response>(Name(method), handler);
  }

  // A method that changes something of the user or photo that the field `name`
  // names, by `act(actor, name)`.
  template <typename Request, typename Response, typename Domain, typename Name,
            typename Result>
  void AddAction(std::string_view method, Domain& domain,
                 Task<absl::StatusOr<Result>> (Domain::*act)(domain::Actor,
                                                             Name)) {
    const auto handler = [&domain, act](Call& call, const Request& request) {
      return AnswerAction<Response>(call, request, domain, act);
    };
    registry_.Unary<Request, Response>(this->Name(method), handler);
  }

 private:
  template <typename Item>
  using Repeated = google::protobuf::RepeatedPtrField<Item>;

  std::string Name(std::string_view method) const {
    return prefix_ + std::string(method);
  }

  template <typename T>
  static absl::StatusOr<T> Parse(std::string_view field, std::string_view name,
                                 const Caller& caller) {
    if constexpr (std::is_same_v<T, PhotoId>) {
      return ParsePhotoName(field, name);
    } else {
      return ParseUserName(field, name, caller);
    }
  }

  template <typename T>
  static auto ToItem(const T& item, const Caller& caller) {
    if constexpr (std::is_same_v<T, Session>) {
      return ToProto(item, caller.session);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return FormatUserName(item);  // A handle.
    } else {
      return ToProto(item);
    }
  }

  template <typename Request, typename T, typename Response, typename Item>
  static Response ToResponse(const Call& call, const Request& request,
                             const domain::TokenSigner& signer,
                             const Page<T>& page,
                             Repeated<Item>* (Response::*items)()) {
    Response response;
    for (const T& item : page.items) {
      *(response.*items)()->Add() = ToItem(item, call.caller);
    }
    response.set_next_page_token(
        NextPageToken(signer, call.caller, request, page.next));
    return response;
  }

  template <typename Request, typename Domain, typename T, typename Response,
            typename Item>
  static Task<absl::StatusOr<Response>> AnswerList(
      Call& call, const Request& request, const domain::TokenSigner& signer,
      Domain& domain,
      Task<absl::StatusOr<Page<T>>> (Domain::*list)(UserId, PageRequest),
      Repeated<Item>* (Response::*items)()) {
    CO_ASSIGN_OR_RETURN(const PageRequest page,
                        ParsePage(signer, call.caller, request));
    CO_ASSIGN_OR_RETURN(const Page<T> found,
                        co_await (domain.*list)(call.caller.user, page));
    co_return ToResponse(call, request, signer, found, items);
  }

  template <typename Request, typename Domain, typename Parent, typename T,
            typename Response, typename Item>
  static Task<absl::StatusOr<Response>> AnswerList(
      Call& call, const Request& request, const domain::TokenSigner& signer,
      Domain& domain,
      Task<absl::StatusOr<Page<T>>> (Domain::*list)(UserId, Parent,
                                                    PageRequest),
      Repeated<Item>* (Response::*items)()) {
    CO_ASSIGN_OR_RETURN(Parent parent,
                        Parse<Parent>("parent", request.parent(), call.caller));
    CO_ASSIGN_OR_RETURN(const PageRequest page,
                        ParsePage(signer, call.caller, request));
    CO_ASSIGN_OR_RETURN(
        const Page<T> found,
        co_await (domain.*list)(call.caller.user, std::move(parent), page));
    co_return ToResponse(call, request, signer, found, items);
  }

  template <typename Response, typename Request, typename Domain, typename Name,
            typename Result>
  static Task<absl::StatusOr<Response>> AnswerAction(
      Call& call, const Request& request, Domain& domain,
      Task<absl::StatusOr<Result>> (Domain::*act)(domain::Actor, Name)) {
    CO_ASSIGN_OR_RETURN(Name name,
                        Parse<Name>("name", request.name(), call.caller));
    CO_ASSIGN_OR_RETURN(const Result result,
                        co_await (domain.*act)(ActorOf(call), std::move(name)));
    if constexpr (std::is_same_v<Result, LikeState>) {
      Response response;
      response.set_like_count(result.like_count);
      response.set_liked(result.liked);
      co_return response;
    } else {
      co_return ToProto(result);
    }
  }

  Registry& registry_;
  const std::string prefix_;
};

}  // namespace pinhole::rpc
