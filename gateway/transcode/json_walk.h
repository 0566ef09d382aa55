// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_TRANSCODE_JSON_WALK_H_
#define PINHOLE_GATEWAY_TRANSCODE_JSON_WALK_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// Walks a message type alongside a JSON text and refuses, by name, what is not
// for it: unknown and repeated fields, two members of a oneof, a value of
// another kind.  Types with a JSON form of their own (Struct, Any) may hold
// anything; protobuf's parser judges them.
//
// Errors are INVALID_ARGUMENT, name the field as the text spells it, with its
// place in a list ("photos[2].caption"), and never repeat a value or the key of
// a map.  After the first the walk is over.
class JsonWalk {
 public:
  enum class Scalar { kString, kInteger, kReal, kBool };

  // The text is a message.
  explicit JsonWalk(const google::protobuf::Descriptor& type);
  // The text is the value of one field.
  explicit JsonWalk(const google::protobuf::FieldDescriptor& field);

  absl::Status BeginObject();
  void EndObject();
  absl::Status BeginArray();
  void EndArray();
  absl::Status Key(const std::string& name);
  absl::Status OnNull();
  // `text` of a string is decoded, that of others is as it stands there.
  absl::Status OnScalar(Scalar kind, std::string_view text);

  // The field whose value this is; null where the type does not say.
  const google::protobuf::FieldDescriptor* field() const;
  // Where the walk is: "photo.caption".
  std::string Path() const;
  // The fields that the value of one field gives, as a FieldMask of its
  // message has them: lists, maps and the well-known types as a whole.
  const std::vector<std::string>& leaves() const { return leaves_; }

 private:
  using Descriptor = google::protobuf::Descriptor;
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using OneofDescriptor = google::protobuf::OneofDescriptor;

  enum class Shape { kObject, kArray, kScalar, kNull };

  struct Level {
    enum class Kind { kMessage, kMap, kList, kFree };

    Kind kind = Kind::kFree;
    const Descriptor* type = nullptr;        // Of a message.
    const FieldDescriptor* field = nullptr;  // Of the value that comes.
    std::string key;                         // Of a message: the field's.
    int index = -1;                          // Of a list.
    bool in_leaf = true;                     // Some level above is a leaf.
    // What was there already.
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

  const Descriptor* root_ = nullptr;  // Until the text begins.
  std::vector<Level> levels_;
  std::vector<std::string> leaves_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_TRANSCODE_JSON_WALK_H_
