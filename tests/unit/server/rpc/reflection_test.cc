// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/reflection.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "server/rpc/grpc/grpc_server.h"
#include "tests/unit/server/rpc/front_world.h"

namespace pinhole::rpc {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

struct V1 {
  using Service = grpc::reflection::v1::ServerReflection;
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
};

struct V1Alpha {
  using Service = grpc::reflection::v1alpha::ServerReflection;
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
};

// A server on a real socket, and one stream to it.
template <typename Version>
class ReflectionTest : public ::testing::Test {
 protected:
  using Request = typename Version::Request;
  using Response = typename Version::Response;
  using Stream = grpc::ClientReaderWriter<Request, Response>;

  explicit ReflectionTest(absl::Duration idle = absl::Minutes(1),
                          Dispatch::Options dispatch = {})
      : world_(std::move(dispatch)), reflection_(idle) {
    reflection_.AddTo(world_.registry);
    server_ =
        GrpcServer::Start({.listen = {"127.0.0.1:0"}}, world_.dispatch).value();
    stub_ = Version::Service::NewStub(grpc::CreateChannel(
        server_->addresses()[0], grpc::InsecureChannelCredentials()));
    stream_ = stub_->ServerReflectionInfo(&context_);
  }

  Response Ask(const Request& request) {
    Response response;
    EXPECT_TRUE(stream_->Write(request));
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }

  Response AskForSymbol(const std::string& symbol) {
    Request request;
    request.set_file_containing_symbol(symbol);
    return Ask(request);
  }

  FrontWorld world_;
  Reflection reflection_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<typename Version::Service::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_;
};

std::vector<std::string> NamesOf(
    const google::protobuf::RepeatedPtrField<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& bytes : files) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(bytes));
    names.push_back(file.name());
  }
  return names;
}

using Versions = ::testing::Types<V1, V1Alpha>;
TYPED_TEST_SUITE(ReflectionTest, Versions);

TYPED_TEST(ReflectionTest, EveryServiceIsListedAndDescribed) {
  typename TypeParam::Request request;
  request.set_list_services("");
  const auto answer = this->Ask(request);
  std::vector<std::string> names;
  for (const auto& service : answer.list_services_response().service()) {
    names.push_back(service.name());
    EXPECT_TRUE(
        this->AskForSymbol(service.name()).has_file_descriptor_response())
        << service.name();
  }

  EXPECT_THAT(names,
              IsSupersetOf({"pinhole.v1.PhotoService", "grpc.health.v1.Health",
                            "grpc.reflection.v1.ServerReflection",
                            "grpc.reflection.v1alpha.ServerReflection"}));
}

TYPED_TEST(ReflectionTest, AFileComesWithItsImportsAndComments) {
  const auto answer = this->AskForSymbol("pinhole.v1.PhotoService.GetPhoto");
  const auto& files = answer.file_descriptor_response().file_descriptor_proto();
  EXPECT_EQ(NamesOf(files)[0], "pinhole/v1/photo_service.proto");
  google::protobuf::SimpleDescriptorDatabase database;
  for (const std::string& bytes : files) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(bytes));
    EXPECT_TRUE(database.Add(file)) << file.name() << " came twice";
  }
  const google::protobuf::DescriptorPool pool(&database);
  const auto* service = pool.FindServiceByName("pinhole.v1.PhotoService");
  ASSERT_NE(service, nullptr);

  google::protobuf::SourceLocation location;
  ASSERT_TRUE(service->GetSourceLocation(&location));
  EXPECT_THAT(location.leading_comments, HasSubstr("Publishes, lists, serves"));
}

TYPED_TEST(ReflectionTest, FilesAreFoundByName) {
  typename TypeParam::Request request;
  request.set_file_by_filename("google/api/http.proto");
  request.set_host("photos.example");
  const auto answer = this->Ask(request);

  EXPECT_THAT(
      NamesOf(answer.file_descriptor_response().file_descriptor_proto()),
      Contains("google/api/http.proto"));
  EXPECT_EQ(answer.valid_host(), "photos.example");
  EXPECT_EQ(answer.original_request().file_by_filename(),
            "google/api/http.proto");
}

TYPED_TEST(ReflectionTest, ExtensionsAreFoundByNumber) {
  typename TypeParam::Request request;
  request.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
  const auto numbers = this->Ask(request).all_extension_numbers_response();
  auto* extension = request.mutable_file_containing_extension();
  extension->set_containing_type("google.protobuf.MethodOptions");
  extension->set_extension_number(50001);
  const auto answer = this->Ask(request);

  EXPECT_EQ(numbers.base_type_name(), "google.protobuf.MethodOptions");
  // pinhole.v1.access and google.api.http.
  EXPECT_THAT(numbers.extension_number(), IsSupersetOf({50001, 72295728}));
  EXPECT_EQ(
      NamesOf(answer.file_descriptor_response().file_descriptor_proto())[0],
      "pinhole/v1/options.proto");
}

TYPED_TEST(ReflectionTest, UnknownNamesAreErrorsThatDoNotEndTheStream) {
  std::vector<typename TypeParam::Request> requests(5);
  requests[0].set_file_by_filename("no/such.proto");
  requests[1].set_file_containing_symbol("no.such.Symbol");
  requests[2].set_all_extension_numbers_of_type("no.such.Type");
  requests[3].mutable_file_containing_extension()->set_containing_type("no.T");
  auto* extension = requests[4].mutable_file_containing_extension();
  extension->set_containing_type("google.protobuf.MethodOptions");
  extension->set_extension_number(1999);
  for (const auto& request : requests) {
    const auto answer = this->Ask(request);

    EXPECT_EQ(answer.error_response().error_code(),
              static_cast<int>(grpc::StatusCode::NOT_FOUND))
        << request.ShortDebugString();
    EXPECT_THAT(answer.error_response().error_message(),
                HasSubstr("there is no "));
  }
  EXPECT_EQ(this->Ask({}).error_response().error_code(),
            static_cast<int>(grpc::StatusCode::UNIMPLEMENTED));
  EXPECT_TRUE(this->AskForSymbol("grpc.health.v1.Health")
                  .has_file_descriptor_response());
}

TYPED_TEST(ReflectionTest, ThousandsOfRequestsOnOneStreamAreAnsweredInOrder) {
  constexpr int kRequests = 3000;
  std::thread writer([this] {
    for (int i = 0; i < kRequests; ++i) {
      typename TypeParam::Request request;
      request.set_host(std::to_string(i));
      request.set_file_containing_symbol("grpc.health.v1.Health");
      EXPECT_TRUE(this->stream_->Write(request));
    }
    EXPECT_TRUE(this->stream_->WritesDone());
  });
  typename TypeParam::Response response;
  int answers = 0;
  while (this->stream_->Read(&response)) {
    EXPECT_EQ(response.valid_host(), std::to_string(answers));
    ++answers;
  }
  writer.join();

  EXPECT_EQ(answers, kRequests);
  EXPECT_TRUE(this->stream_->Finish().ok());
}

TYPED_TEST(ReflectionTest, AShutdownEndsOpenStreams) {
  this->AskForSymbol("grpc.health.v1.Health");
  this->server_->Shutdown(absl::Now() + absl::Minutes(10));

  typename TypeParam::Response response;
  EXPECT_FALSE(this->stream_->Read(&response));
  EXPECT_EQ(this->stream_->Finish().error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

class IdleReflectionTest : public ReflectionTest<V1> {
 protected:
  IdleReflectionTest() : ReflectionTest(absl::Milliseconds(1)) {}
};

TEST_F(IdleReflectionTest, AStreamWithoutRequestsEnds) {
  Response response;
  EXPECT_FALSE(stream_->Read(&response));

  EXPECT_TRUE(stream_->Finish().ok());
}

class CrowdedReflectionTest : public ReflectionTest<V1> {
 protected:
  CrowdedReflectionTest()
      : ReflectionTest(absl::Minutes(1),
                       {.concurrency = {.health_watches = 1}}) {}
};

TEST_F(CrowdedReflectionTest, OpenStreamsAreLimited) {
  AskForSymbol("grpc.health.v1.Health");
  grpc::ClientContext context;
  const auto second = stub_->ServerReflectionInfo(&context);

  EXPECT_EQ(second->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace pinhole::rpc
