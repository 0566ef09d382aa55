// SPDX-License-Identifier: Apache-2.0

import { Code, ConnectError } from "@connectrpc/connect";
import { readBytes } from "../source.js";
import { errorFromResponse } from "./status.js";

function connectionError(error: unknown): ConnectError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ConnectError(
    `the connection failed: ${text}`,
    Code.Unavailable,
    undefined,
    undefined,
    error,
  );
}

/** HTTP requests to the gateway, whose errors are `ConnectError`s. */
export class Gateway {
  private readonly baseUrl: string;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl.replace(/\/+$/, "");
  }

  /** Resolves with a successful response. */
  async fetch(target: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.baseUrl + target, { credentials: "omit", ...init });
    } catch (error) {
      throw init.signal?.aborted ? error : connectionError(error);
    }
    if (!response.ok) throw await errorFromResponse(response);
    return response;
  }
}

/** Reads the body of a response; a connection that breaks is `UNAVAILABLE`. */
export async function* readBody(response: Response): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  try {
    yield* readBytes(response.body);
  } catch (error) {
    throw connectionError(error);
  }
}

export async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of readBody(response)) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}
