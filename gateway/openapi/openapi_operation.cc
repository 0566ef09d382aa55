// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi_operation.h"

#include <algorithm>
#include <utility>

#include "boost/json/array.hpp"
#include "fmt/format.h"
#include "gateway/rules/field_behavior.h"
#include "gateway/rules/field_value.h"
#include "gateway/rules/json_names.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

namespace {

constexpr char kJson[] = "application/json";
constexpr char kMergePatch[] = "application/merge-patch+json";
constexpr char kLines[] = "application/x-ndjson";
constexpr char kAnything[] = "*/*";

bool IsHttpBody(const Descriptor* type) {
  return type != nullptr && type->full_name() == "google.api.HttpBody";
}

// OpenAPI 3.1 has no schema for bytes.
json::object Bytes() { return json::object(); }

json::object Media(const char* type, json::object schema) {
  return {{type, {{"schema", std::move(schema)}}}};
}

json::object HeaderParameter(const char* name, const char* description) {
  return {{"name", name},
          {"in", "header"},
          {"description", description},
          {"schema", {{"type", "string"}}}};
}

json::object Described(const char* description) {
  return {{"description", description}};
}

class Operation {
 public:
  Operation(const Route& route, const OpenApiPath& path,
            const OpenApiComments& comments, OpenApiSchemas& schemas)
      : route_(route),
        path_(path),
        method_(*route.method),
        options_(route.method->options()),
        upload_(options_.HasExtension(v1::raw_request)),
        download_(options_.HasExtension(v1::raw_response)),
        comments_(comments),
        schemas_(schemas) {}

  json::object Make(const std::string& id) {
    const std::string comment = comments_.Of(method_);
    json::object operation = {{"operationId", id},
                              {"tags", json::array{method_.service()->name()}}};
    if (!comment.empty()) {
      operation["summary"] = FirstSentence(comment);
      operation["description"] = comment;
    }
    if (options_.deprecated()) operation["deprecated"] = true;
    AddSecurity(operation);
    AddPathParameters();
    AddQueryParameters();
    AddHeaderParameters();
    if (!parameters_.empty()) operation["parameters"] = std::move(parameters_);
    json::object body = Body();
    if (!body.empty()) operation["requestBody"] = std::move(body);
    operation["responses"] = Responses();
    return operation;
  }

 private:
  void AddSecurity(json::object& operation) const {
    const json::object session = {{"session", json::array()}};
    switch (options_.GetExtension(v1::access)) {
      case v1::ACCESS_ANYONE:
        operation["security"] = json::array{json::object(), session};
        break;
      case v1::ACCESS_SIGNED_IN:
      case v1::ACCESS_ADMINISTRATOR:
        operation["security"] = json::array{session};
        break;
      case v1::ACCESS_OPEN:
        operation["security"] = json::array();
        break;
      default:
        break;
    }
  }

  void AddPathParameters() {
    for (const OpenApiPath::Parameter& parameter : path_.parameters) {
      json::object schema = {{"type", "string"}, {"minLength", 1}};
      std::string description;
      if (parameter.variable) {
        const FieldPath& path = route_.variables[*parameter.variable];
        if (parameter.value != '{' + parameter.name + '}') {
          description = fmt::format("A part of `{}`, which has the form `{}`. ",
                                    FieldPathText(path, schemas_.names()),
                                    parameter.value);
        } else if (path.back()->type() != FieldDescriptor::TYPE_STRING) {
          schema = schemas_.OfFieldType(*path.back());
        }
        description += comments_.Of(*path.back());
      }
      if (parameter.many) description += " Can contain slashes.";
      json::object made = {
          {"name", parameter.name}, {"in", "path"}, {"required", true}};
      if (!description.empty()) made["description"] = description;
      made["schema"] = std::move(schema);
      parameters_.push_back(std::move(made));
    }
  }

  void AddQueryParameters() {
    FieldPath path;
    if (upload_) {
      AddQuery(*route_.raw_request.head->message_type(), "", path);
    } else if (route_.body != Route::Body::kWhole) {
      AddQuery(*method_.input_type(), "", path);
    }
  }

  // Adds the fields of `type`, which is at `path`; `prefix` precedes their
  // names.
  void AddQuery(const Descriptor& type, const std::string& prefix,
                FieldPath& path) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      path.push_back(&field);
      if (!IsElsewhere(path)) {
        const std::string name = prefix + FieldName(field, schemas_.names());
        if (IsTextual(field)) {
          AddQueryParameter(field, name);
        } else if (IsFlattened(path)) {
          AddQuery(*field.message_type(), name + '.', path);
        }
      }
      path.pop_back();
    }
  }

  // Whether the path, the body or a header has the field.
  bool IsElsewhere(const FieldPath& path) const {
    const FieldDescriptor* field = path.back();
    const std::string& offset =
        options_.GetExtension(v1::raw_response).offset_field();
    return path.front() == route_.body_field ||
           field == route_.raw_request.content_type ||
           field == route_.raw_request.size ||
           (path.size() == 1 && field->name() == offset) ||
           std::find(route_.variables.begin(), route_.variables.end(), path) !=
               route_.variables.end();
  }

  // Whether the fields of the last message are parameters with dots in their
  // names.  Lists and recursive messages are not.
  static bool IsFlattened(const FieldPath& path) {
    const FieldDescriptor& field = *path.back();
    if (field.is_repeated() || field.message_type() == nullptr ||
        field.message_type()->file()->package() == "google.protobuf") {
      return false;
    }
    return std::none_of(path.begin(), path.end(), [&](const auto* outer) {
      return outer->containing_type() == field.message_type();
    });
  }

  void AddQueryParameter(const FieldDescriptor& field,
                         const std::string& name) {
    json::object made = {{"name", name}, {"in", "query"}};
    const std::string description = comments_.Of(field);
    if (!description.empty()) made["description"] = description;
    if (IsRequired(field)) made["required"] = true;
    if (field.options().deprecated()) made["deprecated"] = true;
    made["schema"] = schemas_.OfFieldType(field);
    parameters_.push_back(std::move(made));
  }

  void AddHeaderParameters() {
    if (download_) {
      parameters_.push_back(HeaderParameter(
          "Range", "The bytes to return, for example `bytes=0-1023`."));
      parameters_.push_back(
          HeaderParameter("If-None-Match",
                          "An `ETag`. If it is current, the response is 304."));
      parameters_.push_back(HeaderParameter(
          "If-Match", "An `ETag`. If it is not current, the response is 412."));
    } else if (!options_.GetExtension(v1::event_stream)
                    .resume_field()
                    .empty()) {
      parameters_.push_back(
          HeaderParameter("Last-Event-ID",
                          "The `id` of the last event received. The stream "
                          "continues after it."));
    }
  }

  json::object Body() {
    if (upload_) return UploadBody();
    if (route_.body == Route::Body::kNone) return {};
    const Descriptor& input = *method_.input_type();
    const bool whole = route_.body == Route::Body::kWhole;
    if (IsHttpBody(whole ? &input : route_.body_field->message_type())) {
      return {{"content", Media(kAnything, Bytes())}};
    }
    OpenApiSchemas::Fields in_path;
    for (const FieldPath& path : route_.variables) {
      if (path.size() == 1) in_path.insert(path.front());
    }
    json::object schema = whole ? schemas_.OfBody(input, in_path)
                                : schemas_.OfBody(*route_.body_field);
    if (method_.client_streaming()) {
      return {{"description", "One JSON object per line."},
              {"content", Media(kLines, std::move(schema))}};
    }
    json::object content = Media(kJson, std::move(schema));
    if (route_.http_method == "PATCH") content[kMergePatch] = content[kJson];
    return {{"required", !whole || HasRequired(input, in_path)},
            {"content", std::move(content)}};
  }

  // An empty body is an empty message, unless a field is required.
  bool HasRequired(const Descriptor& type,
                   const OpenApiSchemas::Fields& elsewhere) const {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      if (!elsewhere.contains(field) && IsRequired(*field)) {
        return true;
      }
    }
    return false;
  }

  json::object UploadBody() {
    const v1::RawBody& option = options_.GetExtension(v1::raw_request);
    json::object content;
    for (const std::string& type : option.content_types()) {
      content[type] = {{"schema", Bytes()}};
    }
    if (content.empty()) {
      content["application/octet-stream"] = {{"schema", Bytes()}};
    }
    std::string description =
        "The bytes of the file. `Content-Type` is their media type.";
    if (option.max_bytes() > 0) {
      description += fmt::format(" At most {} bytes.", option.max_bytes());
    }
    // A form has fields instead of the query; the file comes last.
    json::object properties;
    const Descriptor& head = *route_.raw_request.head->message_type();
    for (int i = 0; i < head.field_count(); ++i) {
      const FieldDescriptor* field = head.field(i);
      if (IsElsewhere({field}) || !IsTextual(*field)) continue;
      properties[FieldName(*field, schemas_.names())] =
          schemas_.OfField(*field);
    }
    properties["file"] = {
        {"description", "The bytes of the file. This must be the last part."}};
    content["multipart/form-data"] = {{"schema",
                                       {{"type", "object"},
                                        {"properties", std::move(properties)},
                                        {"required", json::array{"file"}}}}};
    return {{"description", std::move(description)},
            {"required", true},
            {"content", std::move(content)}};
  }

  json::object Responses() {
    json::object responses;
    if (download_) {
      AddDownload(responses);
    } else if (method_.server_streaming()) {
      responses["200"] = StreamResponse();
    } else if (method_.output_type()->full_name() == "google.protobuf.Empty") {
      responses["204"] = Described("The call succeeded.");
    } else if (options_.HasExtension(v1::location)) {
      json::object response = JsonResponse();
      response["headers"] = {
          {"Location",
           {{"description", "The path of the created resource."},
            {"schema", {{"type", "string"}, {"format", "uri-reference"}}}}}};
      responses["201"] = std::move(response);
    } else {
      responses["200"] = JsonResponse();
    }
    responses["default"] = {{"$ref", "#/components/responses/Error"}};
    return responses;
  }

  json::object JsonResponse() {
    json::object response = Described("The response.");
    const FieldDescriptor* field = route_.response_field;
    if (IsHttpBody(field == nullptr ? method_.output_type()
                                    : field->message_type())) {
      response["content"] = Media(kAnything, Bytes());
    } else {
      response["content"] = Media(
          kJson, field == nullptr ? schemas_.OfMessage(*method_.output_type())
                                  : schemas_.OfFieldType(*field));
    }
    return response;
  }

  json::object StreamResponse() {
    if (IsHttpBody(method_.output_type())) {
      return {{"description", "The bytes."},
              {"content", Media(kAnything, Bytes())}};
    }
    json::object content =
        Media(kLines, route_.response_field == nullptr
                          ? schemas_.OfMessage(*method_.output_type())
                          : schemas_.OfFieldType(*route_.response_field));
    content["text/event-stream"] = {{"schema", {{"type", "string"}}}};
    return {{"description",
             "One JSON object per line, or one event per message if `Accept` "
             "prefers `text/event-stream`. An error after the first message "
             "ends the stream: a line with the field `error`, or an event "
             "named `error`."},
            {"content", std::move(content)}};
  }

  void AddDownload(json::object& responses) const {
    json::object bytes = {
        {"description", "The bytes."},
        {"headers",
         {{"ETag",
           {{"description",
             "Identifies these bytes; it never refers to others."},
            {"schema", {{"type", "string"}}}}}}},
        {"content", Media(kAnything, Bytes())}};
    responses["200"] = bytes;
    bytes["description"] = "The bytes that `Range` requests.";
    responses["206"] = std::move(bytes);
    responses["304"] = Described("The client's copy is current.");
    if (route_.raw_response.redirect_uri != nullptr) {
      json::object redirect =
          Described("The bytes are at the URI in `Location` for a short time.");
      redirect["headers"] = {
          {"Location", {{"schema", {{"type", "string"}, {"format", "uri"}}}}}};
      responses["307"] = std::move(redirect);
    }
  }

  const Route& route_;
  const OpenApiPath& path_;
  const MethodDescriptor& method_;
  const google::protobuf::MethodOptions& options_;
  const bool upload_;
  const bool download_;
  const OpenApiComments& comments_;
  OpenApiSchemas& schemas_;
  json::array parameters_;
};

}  // namespace

json::object MakeOpenApiOperation(const Route& route, const OpenApiPath& path,
                                  const std::string& operation_id,
                                  const OpenApiComments& comments,
                                  OpenApiSchemas& schemas) {
  return Operation(route, path, comments, schemas).Make(operation_id);
}

}  // namespace pinhole::gateway
