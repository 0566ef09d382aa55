// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/dispatch.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/support/test_loop.h"
#include "tests/unit/server/rpc/front_world.h"

namespace pinhole::rpc {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

// The detail of a type, or its default if there is none.
template <typename Detail>
Detail DetailOf(const google::rpc::Status& status) {
  Detail found;
  for (const auto& any : status.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&found);
  }
  return found;
}

int Code(absl::StatusCode code) { return static_cast<int>(code); }

class DispatchTest : public ::testing::Test {
 protected:
  google::rpc::Status Get(Call& call) {
    return Run("pinhole.v1.PhotoService.GetPhoto", call, v1::GetPhotoRequest(),
               &photo_);
  }
  google::rpc::Status Delete(Call& call) {
    return Run("pinhole.v1.PhotoService.DeletePhoto", call,
               v1::DeletePhotoRequest(), &empty_);
  }
  google::rpc::Status BackUp(Call& call, const std::string& authorization) {
    v1::Backup backup;
    if (!authorization.empty()) {
      call.metadata = {{"authorization", authorization}};
    }
    return Run("pinhole.v1.AdminService.CreateBackup", call,
               v1::CreateBackupRequest(), &backup);
  }
  google::rpc::Status GetThatFails(absl::Status with) {
    world_.get_photo = [with = std::move(with)](Call&,
                                                const v1::GetPhotoRequest&) {
      return Fail(with);
    };
    return Get(call_);
  }

  static Task<absl::StatusOr<v1::Photo>> Fail(absl::Status with) {
    co_return with;
  }

  google::rpc::Status Run(const std::string& name, Call& call,
                          const google::protobuf::Message& request,
                          google::protobuf::Message* response) {
    const Method& method = *world_.registry.Find(name);
    return loop_.Run(world_.dispatch.Unary(method, call, request, response));
  }

  FrontWorld world_;
  testing::TestLoop loop_;
  v1::Photo photo_;
  google::protobuf::Empty empty_;
  Call call_;
};

TEST_F(DispatchTest, AnyoneMayCallAnOpenMethod) {
  EXPECT_EQ(Get(call_).code(), 0);
  EXPECT_FALSE(call_.caller.user);
}

TEST_F(DispatchTest, ATokenIsHonouredOnAnOpenMethod) {
  call_.metadata = {{"authorization", "bearer good"}};

  EXPECT_EQ(Get(call_).code(), 0);
  EXPECT_EQ(call_.caller.handle, "ansel");
}

TEST_F(DispatchTest, ABadTokenIsRefusedEvenOnAnOpenMethod) {
  for (const char* header : {"Bearer bad", "Bearer ", "Bearer", "Basic good",
                             "good", "Bearer go od", ""}) {
    Call call;
    call.metadata = {{"authorization", header}};
    EXPECT_EQ(Get(call).code(), Code(absl::StatusCode::kUnauthenticated))
        << header;
  }
}

TEST_F(DispatchTest, TwoTokensAreRefused) {
  call_.metadata = {{"authorization", "Bearer good"},
                    {"authorization", "Bearer good"}};

  EXPECT_EQ(Get(call_).code(), Code(absl::StatusCode::kUnauthenticated));
}

TEST_F(DispatchTest, AMethodForTheSignedInWantsAToken) {
  const google::rpc::Status status = Delete(call_);
  EXPECT_EQ(status.code(), Code(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(status.message(), HasSubstr("sign in"));

  Call signed_in;
  signed_in.metadata = {{"authorization", "Bearer good"}};
  EXPECT_EQ(Delete(signed_in).code(), 0);
}

TEST_F(DispatchTest, AMethodForAdministratorsIsForThemOnly) {
  Call nobody;
  Call user;
  EXPECT_EQ(BackUp(nobody, "").code(),
            Code(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(BackUp(user, "Bearer good").code(),
            Code(absl::StatusCode::kPermissionDenied));

  EXPECT_EQ(BackUp(call_, "Bearer admin").code(), 0);
}

TEST_F(DispatchTest, AnAdministratorsCallMayTakeHoursButHasADeadline) {
  BackUp(call_, "Bearer admin");

  EXPECT_GT(call_.deadline, absl::Now() + absl::Hours(1));
  EXPECT_LE(call_.deadline, absl::Now() + absl::Hours(6));
}

TEST_F(DispatchTest, AGoodRequestIdIsKept) {
  call_.metadata = {{"x-request-id", "my.request-1"}};
  Get(call_);

  EXPECT_EQ(call_.request_id, "my.request-1");
  EXPECT_THAT(call_.trailers, Contains(Pair("x-request-id", "my.request-1")));
}

TEST_F(DispatchTest, AGeneratedRequestIdIsSentOnlyWithErrors) {
  Get(call_);
  EXPECT_THAT(call_.trailers, ::testing::IsEmpty());

  Call failing;
  failing.metadata = {{"authorization", "Bearer bad"}};
  Get(failing);
  EXPECT_THAT(failing.trailers,
              Contains(Pair("x-request-id", failing.request_id)));
}

TEST_F(DispatchTest, ABadRequestIdIsReplaced) {
  for (const std::string& sent : {std::string("a b"), std::string("x\ny"),
                                  std::string(65, 'a'), std::string()}) {
    Call call;
    call.metadata = {{"x-request-id", sent}};
    Get(call);
    EXPECT_NE(call.request_id, sent);
    EXPECT_FALSE(call.request_id.empty());
  }
}

TEST_F(DispatchTest, ACallWithoutADeadlineGetsOne) {
  Get(call_);
  EXPECT_LE(call_.deadline, absl::Now() + absl::Seconds(30));
}

TEST_F(DispatchTest, AnExpiredCallReachesNoHandler) {
  world_.get_photo = nullptr;  // Would throw.
  call_.deadline = absl::Now() - absl::Seconds(1);

  EXPECT_EQ(Get(call_).code(), Code(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(DispatchTest, ACancelledCallReachesNoHandler) {
  std::stop_source stop;
  stop.request_stop();
  call_.stop = stop.get_token();

  EXPECT_EQ(Get(call_).code(), Code(absl::StatusCode::kCancelled));
}

TEST_F(DispatchTest, AStoppedHandlerReportsTheShutdown) {
  std::stop_source stop;
  call_.stop = stop.get_token();
  world_.get_photo = [&stop](Call& call, const v1::GetPhotoRequest&) {
    call.server_stopping = true;
    stop.request_stop();
    return Fail(absl::CancelledError("stopped"));
  };

  EXPECT_EQ(Get(call_).code(), Code(absl::StatusCode::kUnavailable));
}

TEST_F(DispatchTest, AnInternalErrorIsHiddenAndNamesTheRequest) {
  for (const auto& fault :
       {absl::InternalError("SECRET"), absl::UnknownError("SECRET"),
        absl::DataLossError("SECRET")}) {
    const google::rpc::Status status = GetThatFails(fault);
    EXPECT_EQ(status.code(), Code(fault.code()));
    EXPECT_THAT(status.SerializeAsString(), Not(HasSubstr("SECRET")));
    EXPECT_THAT(status.message(), HasSubstr(call_.request_id));
  }
}

Task<absl::StatusOr<v1::Photo>> Throw() {
  throw std::runtime_error("SECRET");
  co_return v1::Photo();
}

TEST_F(DispatchTest, AnExceptionIsAHiddenError) {
  world_.get_photo = [](Call&, const v1::GetPhotoRequest&) { return Throw(); };

  const google::rpc::Status status = Get(call_);
  EXPECT_EQ(status.code(), Code(absl::StatusCode::kInternal));
  EXPECT_THAT(status.message(), Not(HasSubstr("SECRET")));
}

TEST_F(DispatchTest, AWrongFieldComesAsBadRequest) {
  const google::rpc::Status status =
      GetThatFails(InvalidField("photo.caption", "must be short"));

  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "photo.caption");
  EXPECT_THAT(status.message(), HasSubstr("must be short"));
}

TEST_F(DispatchTest, AReasonComesAsErrorInfo) {
  const google::rpc::Status status = GetThatFails(WithResource(
      MakeError(Reason::kPhotoNotFound, "no such photo"), "photos/7"));

  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "PHOTO_NOT_FOUND");
  EXPECT_EQ(info.domain(), "pinhole");
  EXPECT_THAT(info.metadata(), ElementsAre(Pair("resource", "photos/7")));
}

TEST_F(DispatchTest, AnErrorWithoutAReasonHasTheDefaultOfItsCode) {
  const google::rpc::Status status =
      GetThatFails(absl::FailedPreconditionError("no"));

  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(),
            "FAILED_PRECONDITION");
}

TEST_F(DispatchTest, AHiddenErrorKeepsItsReason) {
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(
                GetThatFails(absl::DataLossError("SECRET")))
                .reason(),
            "DATA_LOSS");
  const google::rpc::Status unknown = GetThatFails(
      WithReason(absl::DataLossError("SECRET"), Reason::kOutcomeUnknown));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(unknown).reason(),
            "OUTCOME_UNKNOWN");
  EXPECT_THAT(unknown.SerializeAsString(), Not(HasSubstr("SECRET")));
}

TEST_F(DispatchTest, ARetryDelayComesAsRetryInfoAndTrailer) {
  const google::rpc::Status status = GetThatFails(WithRetryDelay(
      absl::ResourceExhaustedError("busy"), absl::Milliseconds(1500)));

  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  EXPECT_THAT(call_.trailers, Contains(Pair("grpc-retry-pushback-ms", "1500")));
}

TEST_F(DispatchTest, EveryErrorCarriesTheRequestId) {
  const google::rpc::Status status = GetThatFails(absl::NotFoundError("none"));

  EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(status).request_id(),
            call_.request_id);
}

TEST_F(DispatchTest, ALongTextIsCutBetweenCharacters) {
  std::string text = "x";
  for (int i = 0; i < 2000; ++i) text += "\u00e9";
  const google::rpc::Status status = GetThatFails(absl::NotFoundError(text));

  EXPECT_EQ(status.message().size(), 1023u);
}

TEST_F(DispatchTest, TheObserverSeesEachCallOnce) {
  Get(call_);

  EXPECT_EQ(world_.observer.started, 1);
  EXPECT_EQ(world_.observer.handled, 1);
  EXPECT_EQ(world_.observer.received, 1);
  EXPECT_EQ(world_.observer.sent, 1);
}

TEST_F(DispatchTest, ARefusedCallIsObservedToo) {
  const Method& method =
      *world_.registry.Find("pinhole.v1.PhotoService.GetPhoto");
  const google::rpc::Status status = world_.dispatch.Refuse(
      method, call_, absl::InvalidArgumentError("not a message"));

  EXPECT_EQ(status.code(), Code(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(world_.observer.last_code, absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace pinhole::rpc
