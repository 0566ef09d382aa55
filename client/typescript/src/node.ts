// SPDX-License-Identifier: Apache-2.0

import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { SecureClientSessionOptions } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { Client } from "./client.js";
import { type ClientOptions, type ClosableTransport, Connection } from "./connection.js";
import { invalidField, PinholeError } from "./errors.js";
import { createConnection } from "./grpc.js";
import { createJsonTransport } from "./json/transport.js";
import type { RereadableSource } from "./source.js";

export * from "./exports.js";

/** PEM files for `grpcs://`. */
export interface TlsFiles {
  /** Certificate authorities to trust instead of those of Node. */
  readonly authorities?: string;
  /** Client certificate; requires `key`. */
  readonly certificate?: string;
  /** Private key of `certificate`. */
  readonly key?: string;
}

export interface NodeClientOptions extends ClientOptions {
  /** Read by `open`. */
  readonly tls?: TlsFiles;
}

function readPem(field: keyof TlsFiles, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    throw invalidField(`tls.${field}`, `cannot be read: ${(error as Error).message}`);
  }
  if (!text.includes("-----BEGIN ")) {
    throw invalidField(`tls.${field}`, `must be a PEM file, got ${path}`);
  }
  return text;
}

function readTls(files: TlsFiles): SecureClientSessionOptions {
  if ((files.certificate === undefined) !== (files.key === undefined)) {
    throw invalidField("tls", "must have the client certificate and its key together");
  }
  return {
    ...(files.authorities && { ca: readPem("authorities", files.authorities) }),
    ...(files.certificate && { cert: readPem("certificate", files.certificate) }),
    ...(files.key && { key: readPem("key", files.key) }),
  };
}

function connect(
  target: string,
  { tls, silenceMs = 45_000 }: NodeClientOptions,
): ClosableTransport {
  const [, scheme = "grpc", address = ""] = /^(?:([a-z]+):\/\/)?(.+)$/.exec(target) ?? [];
  if (tls && scheme !== "grpcs") {
    throw invalidField("tls", "can be set only for a target that begins with grpcs://");
  }
  if (scheme === "http" || scheme === "https") {
    return createJsonTransport({ baseUrl: target, streamsBodies: true, silenceMs });
  }
  if ((scheme === "grpc" || scheme === "grpcs") && /^[^/?#@]+:\d+$/.test(address)) {
    const plaintext = scheme === "grpc";
    const url = `${plaintext ? "http" : "https"}://${address}`;
    return createConnection(url, readTls(tls ?? {}), silenceMs);
  }
  throw invalidField(
    "target",
    "must be HOST:PORT, grpc://HOST:PORT, grpcs://HOST:PORT for TLS, " +
      `or an http:// or https:// URL, got "${target}"`,
  );
}

/**
 * Makes a client of the server at `target`: HOST:PORT or grpc://HOST:PORT for
 * gRPC, grpcs://HOST:PORT for gRPC over TLS, http:// or https:// for JSON over
 * HTTP. The first call connects. Throws a `PinholeError` if the target is not
 * valid or a file of `tls` cannot be read.
 */
export function open(target: string, options: NodeClientOptions = {}): Client {
  try {
    return new Client(new Connection(connect(target, options), options));
  } catch (error) {
    throw PinholeError.from(error);
  }
}

/** Makes a source for `Client.uploadPhoto` from a file. */
export async function photoFile(path: string): Promise<RereadableSource> {
  try {
    const { size } = await stat(path);
    return { size, stream: () => createReadStream(path) };
  } catch (error) {
    throw PinholeError.from(
      new ConnectError((error as Error).message, Code.NotFound, undefined, undefined, error),
    );
  }
}
