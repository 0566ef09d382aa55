// SPDX-License-Identifier: Apache-2.0

import {
  create,
  type DescMessage,
  type DescMethodStreaming,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  type Client as Stub,
  createClient,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import { PinholeError } from "./errors.js";
import { newRequestId } from "./names.js";
import { defaultRetryPolicy, type Repeat, Retry, type RetryPolicy, sleep } from "./retry.js";

export interface ClientOptions {
  /** Token of an earlier session. */
  readonly token?: string;
  /** Deadline of a call including its retries, in milliseconds. Default: 30 s. */
  readonly timeoutMs?: number;
  /** The same deadline of an upload or download. Default: 5 minutes. */
  readonly transferTimeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  /**
   * Milliseconds of silence after which the connection of a watch counts as
   * broken. Default: 45 s. The server sends a heartbeat every 15 seconds over
   * HTTP, and over gRPC it disconnects clients that ping it more often than
   * every 10 seconds, so the value should be at least 30 s.
   */
  readonly silenceMs?: number;
}

export interface CallOptions {
  /** Cancels the call, also while it waits for a retry. */
  readonly signal?: AbortSignal | undefined;
}

/** A transport and what must happen when it is no longer needed. */
export interface ClosableTransport extends Transport {
  close(): void;
}

/**
 * A transport of Connect that sends the session token with every call. Pass it
 * to `createClient` of `@connectrpc/connect` for calls that `Client` does not
 * provide, or use `stub`.
 */
export class Connection implements Transport {
  /** Token of the session; empty without one. */
  token: string;
  readonly timeoutMs: number;
  readonly transferTimeoutMs: number;
  readonly retryPolicy: RetryPolicy;

  constructor(
    private readonly transport: ClosableTransport,
    options: ClientOptions,
  ) {
    this.token = options.token ?? "";
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.transferTimeoutMs = options.transferTimeoutMs ?? 300_000;
    this.retryPolicy = { ...defaultRetryPolicy, ...options.retry };
  }

  /** Makes a stub of a generated service. Its calls are not retried. */
  stub<S extends DescService>(service: S): Stub<S> {
    return createClient(service, this);
  }

  /** Closes the connection and cancels its calls. A later call opens it again. */
  close(): void {
    this.transport.close();
  }

  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
  ): Promise<UnaryResponse<I, O>> {
    return this.transport.unary(method, signal, timeoutMs, this.authorized(header), input);
  }

  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>,
  ): Promise<StreamResponse<I, O>> {
    return this.transport.stream(method, signal, timeoutMs, this.authorized(header), input);
  }

  /**
   * Makes a unary call with retries. Sets `request_id` if the request has that
   * field and it is empty. Rejects with a `PinholeError`.
   */
  async call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    init: MessageInitShape<I>,
    { signal, repeat = "safe", timeoutMs = this.timeoutMs }: CallOptions & {
      repeat?: Repeat;
      timeoutMs?: number;
    } = {},
  ): Promise<MessageShape<O>> {
    const request = create(method.input, init);
    if ("requestId" in request) request.requestId ||= newRequestId();
    return this.run(repeat, timeoutMs, signal, async (remaining) => {
      const response = await this.unary(
        method,
        signal,
        remaining,
        undefined,
        request as MessageInitShape<I>,
      );
      return response.message;
    });
  }

  /**
   * Runs `attempt` with the milliseconds that are left for it, until it succeeds
   * or must not be retried. Rejects with a `PinholeError`.
   */
  async run<T>(
    repeat: Repeat,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    attempt: (remainingMs: number | undefined) => Promise<T>,
  ): Promise<T> {
    const retry = new Retry(this.retryPolicy, repeat, timeoutMs);
    for (;;) {
      try {
        const remaining = retry.remainingMs();
        return await attempt(Number.isFinite(remaining) ? remaining : undefined);
      } catch (error) {
        await this.waitToRetry(retry, error, signal);
      }
    }
  }

  /** Waits before the next attempt; rejects if there must not be one. */
  async waitToRetry(
    retry: Retry,
    error: unknown,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const failure = PinholeError.from(error);
    const delay = retry.delayAfter(failure);
    if (delay === undefined) throw failure;
    try {
      await sleep(delay, signal);
    } catch (cancelled) {
      throw PinholeError.from(cancelled);
    }
  }

  private authorized(header: HeadersInit | undefined): Headers {
    const headers = new Headers(header);
    if (this.token && !headers.has("authorization")) {
      headers.set("authorization", `Bearer ${this.token}`);
    }
    return headers;
  }
}
