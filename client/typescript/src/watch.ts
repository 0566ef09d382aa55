// SPDX-License-Identifier: Apache-2.0

import { create } from "@bufbuild/protobuf";
import type { CallOptions, Connection } from "./connection.js";
import {
  SocialService,
  type WatchFeedRequest,
  WatchFeedRequestSchema,
  type WatchFeedResponse,
} from "./gen/pinhole/v1/social_service_pb.js";
import { Retry } from "./retry.js";

export interface WatchOptions extends CallOptions {
  /** `resumeToken` of the last entry that an earlier watch received. */
  readonly resumeToken?: string;
}

async function* requestFrom(resumeToken: string): AsyncGenerator<WatchFeedRequest> {
  yield create(WatchFeedRequestSchema, { resumeToken });
}

/**
 * New entries of the feed. After an interruption it resumes after the last entry,
 * without missing or repeating one, and waits as long as necessary for a server
 * that cannot be reached, unless the policy disables retries. Until there was an entry, it has no position, and
 * misses what is published during an interruption.
 */
export class Watch implements AsyncIterableIterator<WatchFeedResponse> {
  private readonly closed = new AbortController();
  private readonly signal: AbortSignal;
  private readonly entries: AsyncGenerator<WatchFeedResponse, undefined, undefined>;
  private messages: AsyncIterable<WatchFeedResponse> | undefined;

  private constructor(
    private readonly connection: Connection,
    private resumeToken: string,
    signal: AbortSignal | undefined,
  ) {
    const { signal: closed } = this.closed;
    this.signal = signal ? AbortSignal.any([signal, closed]) : closed;
    this.entries = this.read();
  }

  /** Resolves when the server has answered. Rejects with a `PinholeError`. */
  static async begin(connection: Connection, options: WatchOptions): Promise<Watch> {
    const watch = new Watch(connection, options.resumeToken ?? "", options.signal);
    watch.messages = await connection.run("safe", Infinity, watch.signal, () => watch.open());
    return watch;
  }

  next(): Promise<IteratorResult<WatchFeedResponse, undefined>> {
    return this.entries.next();
  }

  /** Ends the watch, also while `next` waits. */
  return(): Promise<IteratorResult<WatchFeedResponse, undefined>> {
    this.closed.abort();
    return this.entries.return(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async open(): Promise<AsyncIterable<WatchFeedResponse>> {
    const { watchFeed } = SocialService.method;
    const request = requestFrom(this.resumeToken);
    const response = await this.connection.stream(
      watchFeed,
      this.signal,
      undefined,
      undefined,
      request,
    );
    return response.message;
  }

  private async *read(): AsyncGenerator<WatchFeedResponse, undefined, undefined> {
    const { retryPolicy } = this.connection;
    const maxAttempts = retryPolicy.maxAttempts > 1 ? Infinity : 1;
    const policy = { ...retryPolicy, maxAttempts };
    let retry = new Retry(policy, "safe", Infinity);
    for (;;) {
      try {
        this.messages ??= await this.open();
        for await (const entry of this.messages) {
          retry = new Retry(policy, "safe", Infinity);
          this.resumeToken = entry.resumeToken;
          yield entry;
        }
        return undefined;
      } catch (error) {
        if (this.closed.signal.aborted) return undefined;
        this.messages = undefined;
        await this.connection.waitToRetry(retry, error, this.signal);
      }
    }
  }
}
