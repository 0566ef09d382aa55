// SPDX-License-Identifier: Apache-2.0

// Requests of the gateway, from the google.api.http rules of the methods.

import {
  type DescField,
  type DescMethod,
  getOption,
  type JsonObject,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { invalidField } from "../errors.js";
import { http } from "../gen/google/api/annotations_pb.js";
import type { HttpRule } from "../gen/google/api/http_pb.js";

/** An HTTP request for a call. */
export interface Request {
  readonly verb: string;
  /** Path with its query. */
  readonly target: string;
  /** Undefined if the request has no body. */
  readonly body: JsonValue | undefined;
  /** The field of the response that the body has; empty for all of them. */
  readonly responseBody: string;
}

/** A variable of a path template, for example `{name=users/*}`. */
interface Variable {
  readonly path: readonly DescField[];
  readonly template: string;
  readonly pattern: RegExp;
}

interface Route {
  readonly verb: string;
  /** Literal text and variables in turn, beginning with text. */
  readonly pieces: readonly (string | Variable)[];
  readonly body: string;
  readonly responseBody: string;
}

function parseVariable(method: DescMethod, text: string): Variable {
  const [names = "", template = "*"] = text.split("=");
  let message: DescMethod["input"] | undefined = method.input;
  const path = names.split(".").map((name) => {
    const field: DescField | undefined = message?.fields.find((each) => each.name === name);
    if (!field) throw new Error(`${method.parent.typeName}.${method.name} has no field ${names}`);
    message = field.message;
    return field;
  });
  const segments = template.split("/").map((segment) => {
    if (segment === "**") return ".+";
    if (segment === "*") return "[^/]+";
    return segment.replace(/[^\w]/g, "\\$&");
  });
  return { path, template, pattern: new RegExp(`^${segments.join("/")}$`) };
}

function parseRoute(method: DescMethod, rule: HttpRule): Route {
  const { pattern } = rule;
  const custom = pattern.case === "custom";
  const verb = custom ? pattern.value.kind : (pattern.case ?? "").toUpperCase();
  const template = custom ? pattern.value.path : (pattern.value ?? "");
  const pieces = template
    .split(/\{([^}]+)\}/)
    .map((piece, index) => (index % 2 === 0 ? piece : parseVariable(method, piece)));
  return { verb, pieces, body: rule.body, responseBody: rule.responseBody };
}

const routes = new WeakMap<DescMethod, readonly Route[]>();

function routesOf(method: DescMethod): readonly Route[] {
  let found = routes.get(method);
  if (!found) {
    const rule = getOption(method, http);
    found = [rule, ...rule.additionalBindings]
      .filter((each) => each.pattern.case !== undefined)
      .map((each) => parseRoute(method, each));
    routes.set(method, found);
  }
  return found;
}

/** Removes the field from `json` and returns it as text; empty if it is unset. */
function take(json: JsonObject, path: readonly DescField[]): string {
  const [field, ...rest] = path;
  const value = field && json[field.jsonName];
  if (value === undefined) return "";
  if (rest.length > 0) return take(value as JsonObject, rest);
  delete json[field!.jsonName];
  // The gateway accepts values of enums by their short names, such as `large`.
  const short = field?.enum?.values.find((each) => each.name === value);
  return short ? short.localName.toLowerCase() : String(value);
}

function encodePath(text: string): string | undefined {
  const segments = text.split("/");
  // URL parsers remove these segments, even if they are percent-encoded.
  if (segments.some((segment) => segment === "." || segment === "..")) return undefined;
  return segments.map(encodeURIComponent).join("/");
}

/** Fills the path from `json`. Returns undefined if a variable does not match. */
function expand(route: Route, json: JsonObject): string | undefined {
  let path = "";
  for (const piece of route.pieces) {
    if (typeof piece === "string") {
      path += piece;
      continue;
    }
    const text = take(json, piece.path);
    const encoded = piece.pattern.test(text) ? encodePath(text) : undefined;
    if (encoded === undefined) return undefined;
    path += encoded;
  }
  return path;
}

function appendQuery(query: URLSearchParams, name: string, value: JsonValue): void {
  if (Array.isArray(value)) {
    for (const each of value) appendQuery(query, name, each);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, each] of Object.entries(value)) appendQuery(query, `${name}.${key}`, each);
  } else {
    query.append(name, String(value));
  }
}

/** Returns `path` with the fields of `json` as its query. */
export function withQuery(path: string, json: JsonObject): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(json)) appendQuery(query, name, value);
  return query.size > 0 ? `${path}?${query}` : path;
}

/** Takes the body out of `json`. */
function takeBody(method: DescMethod, route: Route, json: JsonObject): JsonValue | undefined {
  if (route.body === "") return undefined;
  if (route.body === "*") {
    const all = { ...json };
    for (const name of Object.keys(json)) delete json[name];
    return all;
  }
  const field = method.input.fields.find((each) => each.name === route.body);
  const body = (field && json[field.jsonName]) ?? {};
  if (field) delete json[field.jsonName];
  return body;
}

/** Throws `INVALID_ARGUMENT` if the message fits none of the method's paths. */
export function bind(method: DescMethod, message: Message): Request {
  for (const route of routesOf(method)) {
    const json = toJson(method.input, message) as JsonObject;
    const path = expand(route, json);
    if (path === undefined) continue;
    const body = takeBody(method, route, json);
    const { verb, responseBody } = route;
    return { verb, target: withQuery(path, json), body, responseBody };
  }
  const variable = routesOf(method)
    .flatMap((route) => route.pieces)
    .find((piece) => typeof piece !== "string");
  if (variable) {
    const field = variable.path.map((each) => each.name).join(".");
    throw invalidField(field, `must match ${variable.template}`);
  }
  throw new ConnectError(`${method.name} cannot be called over HTTP`, Code.Unimplemented);
}

/** The verb and path of an upload, which has no variables. */
export function uploadRoute(method: DescMethod): { verb: string; path: string } {
  const route = routesOf(method)[0];
  const path = route && expand(route, {});
  if (path === undefined) {
    throw new ConnectError(`${method.name} cannot be called over HTTP`, Code.Unimplemented);
  }
  return { verb: route!.verb, path };
}
