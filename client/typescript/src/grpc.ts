// SPDX-License-Identifier: Apache-2.0

import type { SecureClientSessionOptions } from "node:http2";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import type { ClosableTransport } from "./connection.js";

/**
 * Converts errors of a broken connection, which have several codes, to
 * `UNAVAILABLE`. Errors that the server sent have a `grpc-status`.
 */
function normalize(error: unknown, signal: AbortSignal): unknown {
  if (!(error instanceof ConnectError) || signal.aborted || error.metadata.has("grpc-status")) {
    return error;
  }
  switch (error.code) {
    case Code.Aborted:
    case Code.Canceled:
    case Code.Internal:
      return new ConnectError(
        `the connection failed: ${error.rawMessage}`,
        Code.Unavailable,
        undefined,
        undefined,
        error,
      );
    default:
      return error;
  }
}

async function* normalized<T>(messages: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw normalize(error, signal);
  }
}

const normalizeErrors: Interceptor = (next) => async (request) => {
  try {
    const response = await next(request);
    if (!response.stream) return response;
    return { ...response, message: normalized(response.message, request.signal) };
  } catch (error) {
    throw normalize(error, request.signal);
  }
};

/** A transport of Connect over gRPC. A connection is opened by the first call. */
export function createConnection(
  baseUrl: string,
  tls: SecureClientSessionOptions,
  silenceMs: number,
): ClosableTransport {
  const sessionManager = new Http2SessionManager(
    baseUrl,
    { pingIntervalMs: (silenceMs * 2) / 3, pingTimeoutMs: silenceMs / 3 },
    tls,
  );
  const interceptors = [normalizeErrors];
  const { unary, stream } = createGrpcTransport({ baseUrl, sessionManager, interceptors });
  return { unary, stream, close: () => sessionManager.abort() };
}
