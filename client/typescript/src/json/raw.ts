// SPDX-License-Identifier: Apache-2.0

// Methods whose HTTP body is bytes, by the options raw_request and raw_response.

import {
  clone,
  create,
  type DescField,
  type DescMessage,
  type DescMethod,
  fromJson,
  getOption,
  type JsonObject,
  type Message,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { Code, ConnectError, type StreamRequest } from "@connectrpc/connect";
import { type RawBody, raw_request, raw_response } from "../gen/pinhole/v1/options_pb.js";
import { bind, uploadRoute, withQuery } from "./binding.js";
import { type Gateway, readBody } from "./gateway.js";

/** Returns the field of that name, or undefined if the option names none. */
function find(message: DescMessage | undefined, name: string): DescField | undefined {
  return message?.fields.find((field) => field.name === name);
}

/** The fields that a RawBody names, in the messages of the stream. */
function fieldsOf(message: DescMessage, raw: RawBody) {
  const data = find(message, raw.dataField);
  if (!data) throw new Error(`${message.typeName} has no field ${raw.dataField}`);
  const head = find(message, raw.headField);
  return {
    data,
    head,
    contentType: find(head?.message, raw.contentTypeField),
    size: find(head?.message, raw.sizeField),
    etag: find(head?.message, raw.etagField),
  };
}

function takeText(json: JsonObject, field: DescField | undefined): string {
  if (!field) return "";
  const value = json[field.jsonName];
  delete json[field.jsonName];
  return value === undefined ? "" : String(value);
}

async function* dataOf(
  schema: DescMessage,
  field: DescField,
  messages: AsyncIterator<Message>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const { done, value } = await messages.next();
    if (done) return;
    yield reflect(schema, value).get(field) as Uint8Array<ArrayBuffer>;
  }
}

function toStream(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

async function collect(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Blob(parts);
}

/**
 * Sends the messages as the body. If `streamsBodies`, they are sent while they
 * are read, otherwise after the last one.
 */
export async function sendUpload(
  gateway: Gateway,
  request: StreamRequest,
  streamsBodies: boolean,
): Promise<Response> {
  const { input } = request.method;
  const fields = fieldsOf(input, getOption(request.method, raw_request));
  const messages = request.message[Symbol.asyncIterator]();
  const first = await messages.next();
  const json = first.done ? {} : (toJson(input, first.value) as JsonObject);
  const head = ((fields.head && json[fields.head.jsonName]) ?? {}) as JsonObject;
  const { verb, path } = uploadRoute(request.method);
  const headers = new Headers(request.header);
  const contentType = takeText(head, fields.contentType);
  if (contentType) headers.set("content-type", contentType);
  const chunks = dataOf(input, fields.data, messages);
  const init = { method: verb, headers, signal: request.signal };
  if (streamsBodies) {
    const body = { body: toStream(chunks), duplex: "half" };
    return gateway.fetch(withQuery(path, head), { ...init, ...body });
  }
  // The length is that of the body.
  takeText(head, fields.size);
  return gateway.fetch(withQuery(path, head), { ...init, body: await collect(chunks) });
}

function withoutOffset(method: DescMethod, message: Message, name: string) {
  const copy = clone(method.input, message);
  const field = find(method.input, name);
  if (!field) return { copy, offset: 0n };
  const fields = reflect(method.input, copy);
  const offset = fields.get(field) as bigint;
  fields.clear(field);
  return { copy, offset };
}

function headFrom(fields: ReturnType<typeof fieldsOf>, headers: Headers): JsonObject {
  const json: JsonObject = {};
  const set = (field: DescField | undefined, value: string | null | undefined) => {
    if (field && value) json[field.jsonName] = value;
  };
  const whole = headers.get("content-range")?.replace(/^.*\//, "");
  set(fields.contentType, headers.get("content-type"));
  set(fields.size, whole ?? headers.get("content-length"));
  set(fields.etag, headers.get("etag")?.replace(/^"(.*)"$/, "$1"));
  return json;
}

/** Requests bytes. The messages are a head from the headers, then the chunks. */
export async function requestDownload<O extends DescMessage>(
  gateway: Gateway,
  request: StreamRequest<DescMessage, O>,
): Promise<{ response: Response; messages: AsyncIterable<MessageShape<O>> }> {
  const { method } = request;
  const raw = getOption(method, raw_response);
  const fields = fieldsOf(method.output, raw);
  const first = await request.message[Symbol.asyncIterator]().next();
  const { copy, offset } = withoutOffset(method, first.value, raw.offsetField);
  const { verb, target } = bind(method, copy);
  const headers = new Headers(request.header);
  if (offset > 0n) headers.set("range", `bytes=${offset}-`);
  const response = await gateway.fetch(target, { method: verb, headers, signal: request.signal });
  if (offset > 0n && response.status !== 206) {
    throw new ConnectError("the server does not resume the download", Code.DataLoss);
  }
  async function* messages(): AsyncGenerator<MessageShape<O>> {
    if (fields.head) {
      const head = headFrom(fields, response.headers);
      yield fromJson(method.output, { [fields.head.jsonName]: head });
    }
    for await (const bytes of readBody(response)) {
      const message = create(method.output);
      reflect(method.output, message).set(fields.data, bytes);
      yield message;
    }
  }
  return { response, messages: messages() };
}
