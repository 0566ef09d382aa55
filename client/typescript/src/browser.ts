// SPDX-License-Identifier: Apache-2.0

import { Client } from "./client.js";
import { type ClientOptions, Connection } from "./connection.js";
import { invalidField, PinholeError } from "./errors.js";
import { createJsonTransport } from "./json/transport.js";

export * from "./exports.js";

/**
 * Makes a client of the server at `url`, which speaks JSON over HTTP; by default
 * the server of the page. A server of another origin must allow that of the page
 * with `--cors-origin`.
 */
export function open(
  url: string = globalThis.location.origin,
  options: ClientOptions = {},
): Client {
  if (!/^https?:\/\//.test(url)) {
    throw PinholeError.from(
      invalidField("url", `must begin with http:// or https:// in a browser, got "${url}"`),
    );
  }
  const silenceMs = options.silenceMs ?? 45_000;
  const transport = createJsonTransport({ baseUrl: url, streamsBodies: false, silenceMs });
  return new Client(new Connection(transport, options));
}
