// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/canonical.h"

#include <memory>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace pinhole::rpc {

std::string CanonicalWithout(const google::protobuf::Message& message,
                             std::initializer_list<std::string_view> fields) {
  const std::unique_ptr<google::protobuf::Message> rest(message.New());
  rest->CopyFrom(message);
  for (const std::string_view field : fields) {
    rest->GetReflection()->ClearField(
        rest.get(), rest->GetDescriptor()->FindFieldByName(std::string(field)));
  }
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  rest->SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace pinhole::rpc
