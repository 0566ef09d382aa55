// SPDX-License-Identifier: Apache-2.0

// Errors of the gateway: google.rpc.Status as JSON.

import {
  createRegistry,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";

const registry = createRegistry(file_google_rpc_error_details);

function isObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

// Skips details of types that this client does not read.
function parseDetail(json: JsonValue): { desc: DescMessage; value: Message }[] {
  if (!isObject(json)) return [];
  const { "@type": type, ...fields } = json;
  const desc = registry.getMessage(String(type).replace(/^.*\//, ""));
  if (!desc) return [];
  const value = fromJson(desc, fields, { ignoreUnknownFields: true });
  return [{ desc, value }];
}

/** Converts a google.rpc.Status. `fallback` is the code if it has none. */
export function errorFromStatus(json: JsonValue, fallback = Code.Unknown): ConnectError {
  const status = isObject(json) ? json : {};
  const code = typeof status.code === "number" && status.code in Code ? status.code : fallback;
  const details = Array.isArray(status.details) ? status.details.flatMap(parseDetail) : [];
  return new ConnectError(String(status.message ?? ""), code, undefined, details);
}

// The codes that gRPC prescribes for HTTP responses without a status in them,
// for example of a proxy.
function codeFromHttp(status: number): Code {
  switch (status) {
    case 400:
      return Code.Internal;
    case 401:
      return Code.Unauthenticated;
    case 403:
      return Code.PermissionDenied;
    case 404:
      return Code.Unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code.Unavailable;
    default:
      return Code.Unknown;
  }
}

/** Reads the error of a response that is not successful. */
export async function errorFromResponse(response: Response): Promise<ConnectError> {
  const text = await response.text();
  const code = codeFromHttp(response.status);
  try {
    return errorFromStatus(JSON.parse(text) as JsonValue, code);
  } catch {
    return new ConnectError(`the server answered with HTTP status ${response.status}`, code);
  }
}
