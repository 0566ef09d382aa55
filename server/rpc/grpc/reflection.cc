// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/reflection.h"

#include <set>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "pinhole/v1/descriptors.h"

namespace pinhole::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

absl::Status NoSuchType(const std::string& name) {
  return absl::NotFoundError(fmt::format("there is no message \"{}\"", name));
}

}  // namespace

Reflection::Reflection(absl::Duration idle) : idle_(idle) {
  const std::string_view bytes = pinhole::v1::Descriptors();
  google::protobuf::FileDescriptorSet set;
  set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  for (const auto& file : set.file()) {
    pool_.BuildFile(file);
    files_.emplace(file.name(), file.SerializeAsString());
  }
}

void Reflection::AddTo(Registry& registry) {
  registry_ = &registry;
  AddVersion<v1::ServerReflectionRequest, v1::ServerReflectionResponse>(
      "grpc.reflection.v1.ServerReflection.ServerReflectionInfo", registry);
  AddVersion<v1alpha::ServerReflectionRequest,
             v1alpha::ServerReflectionResponse>(
      "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo",
      registry);
}

template <typename Request, typename Response>
void Reflection::AddVersion(const std::string& method, Registry& registry) {
  registry.BidiStreaming<Request, Response>(
      method,
      [this](Call& call, MessageReader& requests, MessageWriter& responses) {
        return Serve<Request, Response>(call, requests, responses);
      });
}

template <typename Request, typename Response>
Task<absl::Status> Reflection::Serve(Call& call, MessageReader& requests,
                                     MessageWriter& responses) const {
  while (true) {
    Request request;
    const absl::Time due = absl::Now() + idle_;
    call.message_due = due;
    const absl::StatusOr<bool> more = co_await requests.Read(&request);
    call.message_due = absl::InfiniteFuture();
    if (!more.ok()) {
      const bool was_idle = absl::IsCancelled(more.status()) &&
                            absl::Now() >= due && !call.server_stopping;
      co_return was_idle ? absl::OkStatus() : more.status();
    }
    if (!*more) co_return absl::OkStatus();
    Response response = Answer<Request, Response>(request);
    const absl::Status written = co_await responses.Write(response);
    if (!written.ok()) co_return written;
  }
}

template <typename Request, typename Response>
Response Reflection::Answer(const Request& request) const {
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const absl::Status filled = Fill(request, response);
  if (!filled.ok()) {
    auto* error = response.mutable_error_response();  // Replaces the answer.
    error->set_error_code(static_cast<int>(filled.code()));
    error->set_error_message(std::string(filled.message()));
  }
  return response;
}

template <typename Request, typename Response>
absl::Status Reflection::Fill(const Request& request,
                              Response& response) const {
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return FindFile(request.file_by_filename(),
                      response.mutable_file_descriptor_response()
                          ->mutable_file_descriptor_proto());
    case Request::kFileContainingSymbol:
      return FindSymbol(request.file_containing_symbol(),
                        response.mutable_file_descriptor_response()
                            ->mutable_file_descriptor_proto());
    case Request::kFileContainingExtension: {
      const auto& extension = request.file_containing_extension();
      return FindExtension(extension.containing_type(),
                           extension.extension_number(),
                           response.mutable_file_descriptor_response()
                               ->mutable_file_descriptor_proto());
    }
    case Request::kAllExtensionNumbersOfType: {
      auto* answer = response.mutable_all_extension_numbers_response();
      answer->set_base_type_name(request.all_extension_numbers_of_type());
      return FindNumbers(request.all_extension_numbers_of_type(),
                         answer->mutable_extension_number());
    }
    case Request::kListServices: {
      std::set<std::string> names;
      for (const auto& [name, method] : registry_->methods()) {
        names.insert(method.descriptor->service()->full_name());
      }
      auto* answer = response.mutable_list_services_response();
      for (const std::string& name : names) {
        answer->add_service()->set_name(name);
      }
      return absl::OkStatus();
    }
    default:
      return absl::UnimplementedError(
          "the request does not set a known kind of request");
  }
}

void Reflection::AddFiles(const FileDescriptor& file, Files* files) const {
  std::set<const FileDescriptor*> added = {&file};
  std::vector<const FileDescriptor*> next = {&file};
  while (!next.empty()) {
    const FileDescriptor& current = *next.back();
    next.pop_back();
    *files->Add() = files_.at(current.name());
    for (int i = 0; i < current.dependency_count(); ++i) {
      const FileDescriptor* import = current.dependency(i);
      if (added.insert(import).second) next.push_back(import);
    }
  }
}

absl::Status Reflection::FindFile(const std::string& name, Files* files) const {
  const FileDescriptor* file = pool_.FindFileByName(name);
  if (file == nullptr) {
    return absl::NotFoundError(fmt::format("there is no file \"{}\"", name));
  }
  AddFiles(*file, files);
  return absl::OkStatus();
}

absl::Status Reflection::FindSymbol(const std::string& symbol,
                                    Files* files) const {
  const FileDescriptor* file = pool_.FindFileContainingSymbol(symbol);
  if (file == nullptr) {
    return absl::NotFoundError(
        fmt::format("there is no symbol \"{}\"", symbol));
  }
  AddFiles(*file, files);
  return absl::OkStatus();
}

absl::Status Reflection::FindExtension(const std::string& type, int number,
                                       Files* files) const {
  const Descriptor* extended = pool_.FindMessageTypeByName(type);
  if (extended == nullptr) return NoSuchType(type);
  const FieldDescriptor* extension =
      pool_.FindExtensionByNumber(extended, number);
  if (extension == nullptr) {
    return absl::NotFoundError(fmt::format(
        "there is no extension with number {} of \"{}\"", number, type));
  }
  AddFiles(*extension->file(), files);
  return absl::OkStatus();
}

absl::Status Reflection::FindNumbers(
    const std::string& type,
    google::protobuf::RepeatedField<std::int32_t>* numbers) const {
  const Descriptor* extended = pool_.FindMessageTypeByName(type);
  if (extended == nullptr) return NoSuchType(type);
  std::vector<const FieldDescriptor*> extensions;
  pool_.FindAllExtensions(extended, &extensions);
  for (const FieldDescriptor* extension : extensions) {
    numbers->Add(extension->number());
  }
  return absl::OkStatus();
}

}  // namespace pinhole::rpc
