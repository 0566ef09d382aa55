// SPDX-License-Identifier: Apache-2.0

import { Code, ConnectError } from "@connectrpc/connect";
import type { PinholeError } from "./errors.js";

export interface RetryPolicy {
  /** Including the first; 1 disables retries. */
  readonly maxAttempts: number;
  /**
   * The delay doubles from this to `maxBackoffMs`. It is reduced by a random
   * part of at most half.
   */
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 4,
  initialBackoffMs: 50,
  maxBackoffMs: 5000,
};

/**
 * Whether a call can be retried: `safe` if it is idempotent (reads, most writes,
 * creates with a request id), `if-refused` if a second attempt would fail where
 * the first one succeeded (deletes, a change of password), so that it is
 * retried only if it was certainly not executed, or `never`.
 */
export type Repeat = "safe" | "if-refused" | "never";

function mayRepeat(error: PinholeError, repeat: Repeat): boolean {
  if (repeat === "never") return false;
  switch (error.code) {
    case Code.ResourceExhausted:
      // With a delay, the server refused the call before executing it. Without
      // one, it is a limit for which waiting does not help.
      return error.retryDelayMs !== undefined;
    case Code.Unavailable:
    case Code.Aborted:
      return repeat === "safe";
    default:
      return false;
  }
}

/** The state of the retries of a call. */
export class Retry {
  private attempts = 0;
  private readonly deadline: number;

  constructor(
    private readonly policy: RetryPolicy,
    private readonly repeat: Repeat,
    timeoutMs: number,
  ) {
    this.deadline = performance.now() + timeoutMs;
  }

  /** Milliseconds until the deadline, at least 1; Infinity without one. */
  remainingMs(): number {
    return Math.max(1, Math.ceil(this.deadline - performance.now()));
  }

  /**
   * Returns the milliseconds to wait before the next attempt, at least those
   * that the server requested, or undefined if the call must not be retried.
   */
  delayAfter(error: PinholeError): number | undefined {
    this.attempts += 1;
    if (this.attempts >= this.policy.maxAttempts || !mayRepeat(error, this.repeat)) {
      return undefined;
    }
    const backoff = Math.min(
      this.policy.initialBackoffMs * 2 ** (this.attempts - 1),
      this.policy.maxBackoffMs,
    );
    const delay = Math.max(backoff * (0.5 + Math.random() / 2), error.retryDelayMs ?? 0);
    return performance.now() + delay < this.deadline ? delay : undefined;
  }
}

/** Waits; rejects with `CANCELLED` as soon as `signal` is aborted. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      reject(new ConnectError("the call was cancelled", Code.Canceled));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", cancel);
      resolve();
    }, ms);
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
  });
}
