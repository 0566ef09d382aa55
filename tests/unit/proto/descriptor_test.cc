// SPDX-License-Identifier: Apache-2.0

// The proto files are the manual: these tests read them as one, comments
// included, and hold them to what every part of the API promises.

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/api/annotations.pb.h"
#include "google/api/client.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "pinhole/v1/descriptors.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorPool;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::FileDescriptorSet;
using ::google::protobuf::MethodDescriptor;
using ::google::protobuf::ServiceDescriptor;
using ::google::protobuf::SourceLocation;

template <typename Element>
std::string CommentOf(const Element* element) {
  SourceLocation location;
  if (!element->GetSourceLocation(&location)) return {};
  std::string comment;  // With line breaks as blanks: sentences may wrap.
  for (const char c : location.leading_comments) {
    const char plain = c == '\n' ? ' ' : c;
    if (plain != ' ' || comment.empty() || comment.back() != ' ') {
      comment += plain;
    }
  }
  return comment;
}

std::string UpperSnake(std::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    if (std::isupper(c) && !snake.empty()) snake += '_';
    snake += static_cast<char>(std::toupper(c));
  }
  return snake;
}

class DescriptorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string_view bytes = v1::Descriptors();
    FileDescriptorSet set;
    ASSERT_TRUE(
        set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    for (const FileDescriptorProto& proto : set.file()) {
      const FileDescriptor* built = pool_.BuildFile(proto);
      ASSERT_NE(built, nullptr) << proto.name();
      if (built->package() == "pinhole.v1") Collect(built);
    }
  }

  void Collect(const FileDescriptor* file) {
    for (int i = 0; i < file->service_count(); ++i) {
      services_.push_back(file->service(i));
      for (int k = 0; k < file->service(i)->method_count(); ++k) {
        methods_.push_back(file->service(i)->method(k));
      }
    }
    for (int i = 0; i < file->message_type_count(); ++i) {
      Collect(file->message_type(i));
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      enums_.push_back(file->enum_type(i));
    }
    for (int i = 0; i < file->extension_count(); ++i) {
      fields_.push_back(file->extension(i));
    }
  }

  void Collect(const Descriptor* message) {
    messages_.push_back(message);
    for (int i = 0; i < message->field_count(); ++i) {
      fields_.push_back(message->field(i));
    }
    for (int i = 0; i < message->enum_type_count(); ++i) {
      enums_.push_back(message->enum_type(i));
    }
    for (int i = 0; i < message->nested_type_count(); ++i) {
      Collect(message->nested_type(i));
    }
  }

  DescriptorPool pool_;
  std::vector<const ServiceDescriptor*> services_;
  std::vector<const MethodDescriptor*> methods_;
  std::vector<const Descriptor*> messages_;
  std::vector<const FieldDescriptor*> fields_;
  std::vector<const EnumDescriptor*> enums_;
};

TEST_F(DescriptorTest, TheWholeApiIsRead) {
  EXPECT_EQ(services_.size(), 4u);
  EXPECT_EQ(methods_.size(), 36u);
}

TEST_F(DescriptorTest, EveryElementHasAComment) {
  for (const auto* service : services_) {
    EXPECT_NE(CommentOf(service), "") << service->full_name();
  }
  for (const auto* method : methods_) {
    EXPECT_NE(CommentOf(method), "") << method->full_name();
  }
  for (const auto* message : messages_) {
    EXPECT_NE(CommentOf(message), "") << message->full_name();
    for (int i = 0; i < message->real_oneof_decl_count(); ++i) {
      EXPECT_NE(CommentOf(message->oneof_decl(i)), "") << message->full_name();
    }
  }
  for (const auto* field : fields_) {
    EXPECT_NE(CommentOf(field), "") << field->full_name();
  }
  for (const auto* type : enums_) {
    EXPECT_NE(CommentOf(type), "") << type->full_name();
    for (int i = 0; i < type->value_count(); ++i) {
      EXPECT_NE(CommentOf(type->value(i)), "") << type->value(i)->full_name();
    }
  }
}

TEST_F(DescriptorTest, EveryMethodHasAnHttpPath) {
  for (const auto* method : methods_) {
    const google::api::HttpRule& http =
        method->options().GetExtension(google::api::http);

    EXPECT_NE(http.pattern_case(), google::api::HttpRule::PATTERN_NOT_SET)
        << method->full_name();
  }
}

TEST_F(DescriptorTest, EveryMethodSaysWhoMayCallItAsItsOptionDoes) {
  for (const auto* method : methods_) {
    const v1::Access access = method->options().GetExtension(v1::access);
    const std::string comment = CommentOf(method);

    EXPECT_NE(access, v1::ACCESS_UNSPECIFIED) << method->full_name();
    EXPECT_EQ(comment.find("Anyone can call this method") != std::string::npos,
              access == v1::ACCESS_ANYONE || access == v1::ACCESS_OPEN)
        << method->full_name();
    EXPECT_EQ(comment.find("Requires a session") != std::string::npos,
              access == v1::ACCESS_SIGNED_IN)
        << method->full_name();
    EXPECT_EQ(comment.find("Requires an administrator's session") !=
                  std::string::npos,
              access == v1::ACCESS_ADMINISTRATOR)
        << method->full_name();
  }
}

TEST_F(DescriptorTest, PasswordsAndSessionTokensAreSensitiveAndNothingElseIs) {
  for (const auto* field : fields_) {
    if (field->is_extension()) continue;
    const bool secret = field->name().find("password") != std::string::npos
                            ? field->type() == FieldDescriptor::TYPE_STRING
                            : field->name() == "token";

    EXPECT_EQ(field->options().GetExtension(v1::sensitive), secret)
        << field->full_name();
  }
}

TEST_F(DescriptorTest, EnumsBeginUnspecifiedAndTheirValuesCarryTheirName) {
  for (const auto* type : enums_) {
    const std::string prefix = UpperSnake(type->name()) + "_";

    EXPECT_EQ(type->value(0)->name(), prefix + "UNSPECIFIED");
    EXPECT_EQ(type->value(0)->number(), 0) << type->full_name();
    for (int i = 0; i < type->value_count(); ++i) {
      EXPECT_THAT(type->value(i)->name(), ::testing::StartsWith(prefix));
    }
  }
}

google::api::FieldBehavior BehaviorOf(const FieldDescriptor* field) {
  const auto& behaviors =
      field->options().GetRepeatedExtension(google::api::field_behavior);
  if (behaviors.empty()) return google::api::FIELD_BEHAVIOR_UNSPECIFIED;
  EXPECT_EQ(behaviors.size(), 1) << field->full_name();
  return static_cast<google::api::FieldBehavior>(behaviors[0]);
}

TEST_F(DescriptorTest, TheBehaviorOfAFieldIsTheFirstWordOfItsComment) {
  const std::vector<std::pair<google::api::FieldBehavior, std::string>> words =
      {{google::api::REQUIRED, " Required. "},
       {google::api::OPTIONAL, " Optional. "},
       {google::api::OUTPUT_ONLY, " Output only. "},
       {google::api::IDENTIFIER, " Identifier. "}};
  for (const auto* field : fields_) {
    for (const auto& [behavior, word] : words) {
      EXPECT_EQ(BehaviorOf(field) == behavior,
                CommentOf(field).starts_with(word))
          << field->full_name() << ": " << word;
    }
  }
}

TEST_F(DescriptorTest, FieldsThatClientsCanSendSayWhetherTheyMustBeSet) {
  for (const auto* field : fields_) {
    if (field->is_extension() || field->containing_oneof() != nullptr) continue;
    const std::string& message = field->containing_type()->name();
    if (!message.ends_with("Request") && message != "PhotoMetadata") continue;

    EXPECT_THAT(BehaviorOf(field),
                ::testing::AnyOf(google::api::REQUIRED, google::api::OPTIONAL))
        << field->full_name();
  }
}

TEST_F(DescriptorTest, AResourceStatesThePatternsOfItsName) {
  int resources = 0;
  for (const auto* message : messages_) {
    const FieldDescriptor* name = message->FindFieldByName("name");
    const bool is_resource =
        name != nullptr && BehaviorOf(name) == google::api::IDENTIFIER;
    EXPECT_EQ(message->options().HasExtension(google::api::resource),
              is_resource)
        << message->full_name();
    if (!is_resource) continue;
    const google::api::ResourceDescriptor& resource =
        message->options().GetExtension(google::api::resource);
    ++resources;

    EXPECT_EQ(resource.type(), "pinhole/" + message->name());
    ASSERT_EQ(resource.pattern_size(), 1) << message->full_name();
    EXPECT_THAT(CommentOf(name),
                ::testing::HasSubstr("`" + resource.pattern(0) + "`"));
  }
  EXPECT_EQ(resources, 6);
}

TEST_F(DescriptorTest, FieldsWithTheNameOfAResourceReferToItsType) {
  std::set<std::string> types;
  for (const auto* message : messages_) {
    types.insert(message->options().GetExtension(google::api::resource).type());
  }
  for (const auto* field : fields_) {
    const auto& reference =
        field->options().GetExtension(google::api::resource_reference);
    const std::string comment = CommentOf(field);
    const bool names_resource =
        comment.find("Resource name") != std::string::npos &&
        BehaviorOf(field) != google::api::IDENTIFIER;

    EXPECT_EQ(reference.type().empty() && reference.child_type().empty(),
              !names_resource)
        << field->full_name();
    if (!names_resource) continue;
    EXPECT_TRUE(types.contains(reference.type() + reference.child_type()))
        << field->full_name();
  }
}

TEST_F(DescriptorTest, SignaturesBeginWithTheRequiredFields) {
  for (const auto* method : methods_) {
    const auto& signatures =
        method->options().GetRepeatedExtension(google::api::method_signature);
    // A stream of requests has no arguments.
    ASSERT_EQ(signatures.size(), method->client_streaming() ? 0 : 1)
        << method->full_name();
    if (signatures.empty()) continue;
    std::string required;
    for (int i = 0; i < method->input_type()->field_count(); ++i) {
      const FieldDescriptor* field = method->input_type()->field(i);
      if (BehaviorOf(field) != google::api::REQUIRED) continue;
      required += (required.empty() ? "" : ",") + field->name();
    }

    EXPECT_THAT(signatures[0], ::testing::StartsWith(required))
        << method->full_name();
  }
}

bool HasField(const Descriptor* message, std::string_view name,
              FieldDescriptor::Type type) {
  const FieldDescriptor* field = message->FindFieldByName(std::string(name));
  return field != nullptr && field->type() == type && !field->is_repeated();
}

TEST_F(DescriptorTest, EveryListPages) {
  for (const auto* method : methods_) {
    const bool lists = method->name().starts_with("List") ||
                       method->name().starts_with("Search") ||
                       method->name() == "GetFeed";
    if (!lists) continue;

    EXPECT_TRUE(HasField(method->input_type(), "page_size",
                         FieldDescriptor::TYPE_INT32))
        << method->full_name();
    EXPECT_TRUE(HasField(method->input_type(), "page_token",
                         FieldDescriptor::TYPE_STRING))
        << method->full_name();
    EXPECT_TRUE(HasField(method->output_type(), "next_page_token",
                         FieldDescriptor::TYPE_STRING))
        << method->full_name();
  }
}

TEST_F(DescriptorTest, EveryMethodHasARequestMessageOfItsOwn) {
  for (const auto* method : methods_) {
    EXPECT_EQ(method->input_type()->name(), method->name() + "Request");
  }
}

TEST_F(DescriptorTest, EveryCreateCanBeRepeated) {
  for (const auto* method : methods_) {
    if (!method->name().starts_with("Create")) continue;
    // Two backups harm nobody, and the first one is no answer to the second.
    if (method->name() == "CreateBackup") continue;

    EXPECT_TRUE(HasField(method->input_type(), "request_id",
                         FieldDescriptor::TYPE_STRING))
        << method->full_name();
  }
}

}  // namespace
}  // namespace pinhole
