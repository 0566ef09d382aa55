// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { readBody } from "./gateway.js";

function within<T>(promise: Promise<T>, silenceMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const text = `the server sent nothing for ${silenceMs} milliseconds`;
      reject(new ConnectError(text, Code.Unavailable));
    }, silenceMs);
  });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}

/**
 * Reads NDJSON. Empty lines are heartbeats; silence for `silenceMs` means that
 * the connection is broken.
 */
export async function* readLines(
  response: Response,
  silenceMs: number,
): AsyncGenerator<JsonValue> {
  const decoder = new TextDecoder();
  const body = readBody(response);
  let text = "";
  for (;;) {
    const { done, value } = await within(body.next(), silenceMs);
    if (done) return;
    const lines = (text + decoder.decode(value, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (line.trim() !== "") yield JSON.parse(line) as JsonValue;
    }
  }
}
