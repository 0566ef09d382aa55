// SPDX-License-Identifier: Apache-2.0

import {
  type DescMessage,
  type DescMethod,
  fromJson,
  type JsonObject,
  type JsonValue,
  hasOption,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import { runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";
import type { ClosableTransport } from "../connection.js";
import { raw_request, raw_response } from "../gen/pinhole/v1/options_pb.js";
import { bind, type Request } from "./binding.js";
import { Gateway, readText } from "./gateway.js";
import { readLines } from "./lines.js";
import { requestDownload, sendUpload } from "./raw.js";
import { errorFromStatus } from "./status.js";

export interface JsonTransportOptions {
  /** URL of the gateway, without the paths of the API. */
  readonly baseUrl: string;
  /**
   * Whether `fetch` can send a stream. Browsers cannot do that over HTTP/1.1,
   * so an upload is collected there first.
   */
  readonly streamsBodies: boolean;
  /** Milliseconds without a heartbeat after which a stream counts as broken. */
  readonly silenceMs: number;
}

function initOf(
  { verb, body }: Request,
  { header, signal }: UnaryRequest | StreamRequest,
): RequestInit {
  const headers = new Headers(header);
  if (body === undefined) return { method: verb, headers, signal };
  headers.set("content-type", "application/json");
  return { method: verb, headers, signal, body: JSON.stringify(body) };
}

function parse<O extends DescMessage>(
  output: O,
  json: JsonValue,
  responseBody = "",
): MessageShape<O> {
  const field = output.fields.find((each) => each.name === responseBody);
  const whole = field ? { [field.jsonName]: json } : json;
  return fromJson(output, whole, { ignoreUnknownFields: true });
}

async function* records<O extends DescMessage>(
  output: O,
  lines: AsyncIterable<JsonValue>,
  responseBody: string,
): AsyncGenerator<MessageShape<O>> {
  for await (const json of lines) {
    const { error } = json as JsonObject;
    if (error !== undefined && !output.fields.some((field) => field.jsonName === "error")) {
      throw errorFromStatus(error);
    }
    yield parse(output, json, responseBody);
  }
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/**
 * A transport of Connect over the gateway's JSON over HTTP: requests by the
 * `google.api.http` rules of the methods, NDJSON for streams, and raw bytes
 * where the options `raw_request` and `raw_response` say so.
 */
export function createJsonTransport(options: JsonTransportOptions): ClosableTransport {
  const gateway = new Gateway(options.baseUrl);

  async function open<O extends DescMessage>(
    request: StreamRequest<DescMessage, O>,
  ): Promise<{ response: Response; messages: AsyncIterable<MessageShape<O>> }> {
    const { method } = request;
    if (hasOption(method, raw_request)) {
      const response = await sendUpload(gateway, request, options.streamsBodies);
      const message = parse(method.output, JSON.parse(await readText(response)));
      return { response, messages: one(message) };
    }
    if (hasOption(method, raw_response)) return requestDownload(gateway, request);
    if (method.methodKind !== "server_streaming") {
      throw new ConnectError(`${method.name} cannot be called over HTTP`, Code.Unimplemented);
    }
    const { value } = await request.message[Symbol.asyncIterator]().next();
    const bound = bind(method, value);
    request.header.set("accept", "application/x-ndjson");
    const response = await gateway.fetch(bound.target, initOf(bound, request));
    const lines = readLines(response, options.silenceMs);
    return { response, messages: records(method.output, lines, bound.responseBody) };
  }

  function urlOf(method: DescMethod): string {
    return `${options.baseUrl}/${method.parent.typeName}/${method.name}`;
  }

  return {
    unary(method, signal, timeoutMs, header, message) {
      return runUnaryCall({
        signal,
        timeoutMs,
        req: {
          stream: false,
          service: method.parent,
          method,
          requestMethod: "POST",
          url: urlOf(method),
          header: new Headers(header),
          contextValues: createContextValues(),
          message,
        },
        next: async (request) => {
          const bound = bind(method, request.message);
          const response = await gateway.fetch(bound.target, initOf(bound, request));
          const json = JSON.parse((await readText(response)) || "{}") as JsonValue;
          return {
            stream: false,
            service: method.parent,
            method,
            header: response.headers,
            trailer: new Headers(),
            message: parse(method.output, json, bound.responseBody),
          };
        },
      });
    },
    stream(method, signal, timeoutMs, header, message) {
      return runStreamingCall({
        signal,
        timeoutMs,
        req: {
          stream: true,
          service: method.parent,
          method,
          requestMethod: "POST",
          url: urlOf(method),
          header: new Headers(header),
          contextValues: createContextValues(),
          message,
        },
        next: async (request) => {
          const { response, messages } = await open(request);
          return {
            ...request,
            header: response.headers,
            trailer: new Headers(),
            message: messages,
          };
        },
      });
    },
    // `fetch` closes its connections by itself.
    close() {},
  };
}
