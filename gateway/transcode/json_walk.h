// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// Walks through a message type along with a JSON text, and rejects unknown and
// repeated fields, two members of a oneof, and values of the wrong kind. Types
// with a JSON form of their own (Struct, Any) are left to protobuf's parser.
//
// Errors are INVALID_ARGUMENT, name the field as in the proto file, with its
// place in a list ("photos[2].alt_text"), and never contain a value or the key
// of a map. There must be no further call after an error.
class JsonWalk {
 public:
  enum class Scalar { kString, kInteger, kReal, kBool };

  // For the text of a message.
  explicit JsonWalk(const google::protobuf::Descriptor& type);
  // For the text of a field's value.
  explicit JsonWalk(const google::protobuf::FieldDescriptor& field);

  absl::Status BeginObject();
  void EndObject();
  absl::Status BeginArray();
  void EndArray();
  absl::Status Key(const std::string& name);
  absl::Status OnNull();
  // For kString, `text` is decoded; for others, it is the literal text.
  absl::Status OnScalar(Scalar kind, std::string_view text);

  // The field of the current value; null if the type has no fields.
  const google::protobuf::FieldDescriptor* field() const;
  // The current position: "photo.caption".
  std::string Path() const;
  // The paths that the value of one field sets, as in a FieldMask of its
  // message: lists, maps and well-known types count as a whole.
  const std::vector<std::string>& leaves() const { return leaves_; }

 private:
  using Descriptor = google::protobuf::Descriptor;
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using OneofDescriptor = google::protobuf::OneofDescriptor;

  enum class Shape { kObject, kArray, kScalar, kNull };

  struct Level {
    enum class Kind { kMessage, kMap, kList, kFree };

    Kind kind = Kind::kFree;
    const Descriptor* type = nullptr;        // For kMessage.
    const FieldDescriptor* field = nullptr;  // The field of the next value.
    std::string key;                         // For kMessage: the field's name.
    int index = -1;                          // For kList.
    bool in_leaf = true;                     // This level is inside a leaf.
    // What has been set so far.
    absl::flat_hash_set<const FieldDescriptor*> fields;
    absl::flat_hash_set<std::string> keys;
    absl::flat_hash_map<const OneofDescriptor*, const FieldDescriptor*> oneofs;
  };

  absl::Status BeginValue(Shape shape);
  absl::Status CheckShape(const FieldDescriptor& field, Shape shape,
                          bool element) const;
  absl::Status CheckOneof(Shape shape);
  absl::Status MapKey(const std::string& name);
  absl::Status MessageKey(const std::string& name);
  Level NextLevel() const;
  void NoteLeaf(Shape shape);
  void AddLeaf();

  const Descriptor* root_ = nullptr;  // Null after the text has begun.
  std::vector<Level> levels_;
  std::vector<std::string> leaves_;
};

}  // namespace pinhole::gateway
