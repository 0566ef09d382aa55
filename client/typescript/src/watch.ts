// SPDX-License-Identifier: Apache-2.0

import type { CallOptions, Connection } from "./connection.js";
import { SocialService, type WatchFeedResponse } from "./gen/pinhole/v1/social_service_pb.js";
import { Retry } from "./retry.js";

export interface WatchOptions extends CallOptions {
  /** `resumeToken` of the last entry that an earlier watch received. */
  readonly resumeToken?: string;
}

/**
 * Yields new entries of the feed. The first connection is attempted as often as
 * any call; after that, a broken connection is resumed after the last entry for
 * as long as the caller reads, with the delays of the retry policy.
 */
export async function* watchFeed(
  connection: Connection,
  { signal, resumeToken = "" }: WatchOptions,
): AsyncGenerator<WatchFeedResponse, void, undefined> {
  const stub = connection.stub(SocialService);
  let retry = new Retry(connection.retryPolicy, "safe", Infinity);
  const connected = () => {
    const policy = { ...connection.retryPolicy, maxAttempts: Infinity };
    retry = new Retry(policy, "safe", Infinity);
  };
  for (;;) {
    const cancel = new AbortController();
    const signals = signal ? [signal, cancel.signal] : [cancel.signal];
    try {
      const options = { signal: AbortSignal.any(signals), onHeader: connected };
      for await (const entry of stub.watchFeed({ resumeToken }, options)) {
        resumeToken = entry.resumeToken;
        yield entry;
      }
      return;
    } catch (error) {
      await connection.waitToRetry(retry, error, signal);
    } finally {
      // A stub does not notice that its caller stops reading.
      cancel.abort();
    }
  }
}
