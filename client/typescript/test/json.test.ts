// SPDX-License-Identifier: Apache-2.0

// Retries, cancellation and JSON over HTTP, against a gateway that answers as
// the test says.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { Code, PhotoService, PinholeError } from "@pinhole/client";
import { all, connect } from "./servers.js";

type Answer = (response: ServerResponse, body: string, request: IncomingMessage) => void;

/** An HTTP server that gives the answers in turn, and the last one for ever. */
async function gatewayWith(...answers: Answer[]) {
  const requests: string[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const bytes of request) body += bytes;
    requests.push(`${request.method} ${request.url}`);
    bodies.push(body);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response, body, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, bodies };
}

function json(status: number, body: unknown): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}

const unavailable = json(503, { code: 14, message: "restarting" });
const refused = json(429, {
  code: 8,
  message: "overloaded",
  details: [
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.010s" },
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "OVERLOADED" },
    { "@type": "type.googleapis.com/example.Unknown", field: 1 },
  ],
});

test("a read is repeated as often as the policy says", async () => {
  const gateway = await gatewayWith(unavailable);
  const client = connect(gateway.url, { retry: { maxAttempts: 3 } });
  await assert.rejects(client.getUser("ansel"), { code: Code.Unavailable, message: "restarting" });
  assert.deepEqual(gateway.requests, Array(3).fill("GET /v1/users/ansel"));
});

test("a create is repeated with the same request id", async () => {
  const gateway = await gatewayWith(unavailable, json(201, { name: "users/ansel" }));
  const user = await connect(gateway.url).register("ansel", "a long password");
  assert.equal(user.name, "users/ansel");
  assert.equal(gateway.bodies.length, 2);
  assert.equal(gateway.bodies[0], gateway.bodies[1]);
  const { requestId } = JSON.parse(gateway.bodies[0]!);
  assert.match(requestId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("a delete whose effect is unknown is not repeated", async () => {
  const gateway = await gatewayWith(unavailable);
  const client = connect(gateway.url);
  await assert.rejects(client.deletePhoto("1"), { code: Code.Unavailable });
  await assert.rejects(client.changePassword("old", "new"), { code: Code.Unavailable });
  assert.deepEqual(gateway.requests, ["DELETE /v1/photos/1", "POST /v1/users/me:changePassword"]);
});

test("a refused call is repeated after the requested delay, even a delete", async () => {
  const gateway = await gatewayWith(refused, json(200, {}));
  await connect(gateway.url).deletePhoto("1");
  assert.equal(gateway.requests.length, 2);
});

test("a refusal has its delay and reason, and is final without a delay", async () => {
  const gateway = await gatewayWith(refused, json(429, { code: 8, message: "too many" }));
  const once = connect(gateway.url, { retry: { maxAttempts: 1 } });
  await assert.rejects(once.getUser(), { reason: "OVERLOADED", retryDelayMs: 10 });
  await assert.rejects(connect(gateway.url).getUser(), { code: Code.ResourceExhausted });
  assert.equal(gateway.requests.length, 2);
});

test("a delay past the deadline ends the call", async () => {
  const late = json(429, {
    code: 8,
    details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3600s" }],
  });
  const gateway = await gatewayWith(late);
  await assert.rejects(connect(gateway.url).getUser(), { retryDelayMs: 3_600_000 });
  assert.equal(gateway.requests.length, 1);
});

test("a server that does not answer exceeds the deadline", async () => {
  const gateway = await gatewayWith(() => {});
  const client = connect(gateway.url, { timeoutMs: 50 });
  await assert.rejects(client.getUser(), { code: Code.DeadlineExceeded });
});

test("a signal cancels a call, and the wait for its retry", async () => {
  const cancel = new AbortController();
  const gateway = await gatewayWith(() => cancel.abort());
  const { signal } = cancel;
  await assert.rejects(connect(gateway.url).getUser("me", { signal }), { code: Code.Canceled });
  assert.equal(gateway.requests.length, 1);

  const second = new AbortController();
  const retry = { initialBackoffMs: 20_000, maxBackoffMs: 20_000 };
  const waiting = await gatewayWith((response, body, request) => {
    unavailable(response, body, request);
    response.on("close", () => setTimeout(() => second.abort(), 10));
  });
  await assert.rejects(connect(waiting.url, { retry }).getUser("me", { signal: second.signal }), {
    code: Code.Canceled,
  });
  assert.equal(waiting.requests.length, 1);
});

test("leaving a watch closes its connection", async () => {
  let close = () => {};
  const closed = new Promise<void>((resolve) => (close = resolve));
  const gateway = await gatewayWith((response) => {
    response.on("close", close);
    response.write('\n{"photo":{"name":"photos/1"},"resumeToken":"a"}\n');
  });
  for await (const entry of await connect(gateway.url).watchFeed()) {
    assert.equal(entry.photo!.name, "photos/1");
    break;
  }
  await closed;
});

test("a watch can be ended while it waits", async () => {
  const gateway = await gatewayWith((response) => response.write("\n"));
  const watch = await connect(gateway.url).watchFeed();
  const next = watch.next();
  await watch.return();
  assert.deepEqual(await next, { done: true, value: undefined });
});

test("a watch resumes after an error in its stream, and ends with a final one", async () => {
  const records = (...lines: unknown[]): Answer => (response) => {
    response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  };
  const gateway = await gatewayWith(
    records({ photo: {}, resumeToken: "a" }, { error: { code: 14, message: "shutting down" } }),
    unavailable,
    records({ photo: {}, resume_token: "b" }, { error: { code: 16, message: "expired" } }),
  );
  const client = connect(gateway.url, { retry: { maxAttempts: 2, initialBackoffMs: 1 } });
  const tokens: string[] = [];
  await assert.rejects(
    async () => {
      for await (const entry of await client.watchFeed()) tokens.push(entry.resumeToken);
    },
    { code: Code.Unauthenticated, message: "expired" },
  );
  assert.deepEqual(tokens, ["a", "b"]);
  assert.deepEqual(gateway.requests, [
    "GET /v1/feed:watch",
    "GET /v1/feed:watch?resumeToken=a",
    "GET /v1/feed:watch?resumeToken=a",
  ]);
});

test("an answer that is not of the gateway is an error of its HTTP status", async () => {
  const gateway = await gatewayWith((response) => response.writeHead(404).end("<html>"));
  await assert.rejects(connect(gateway.url).getUser(), { code: Code.Unimplemented });
});

test("a name that a URL parser would change is not sent", async () => {
  const gateway = await gatewayWith(json(200, {}));
  const photos = connect(gateway.url).connection.stub(PhotoService);
  for (const name of ["photos/..", "photos/.", "photos/", "users/ansel", "photos/1/2", ""]) {
    await assert.rejects(photos.getPhoto({ name }), (error) => {
      const { code, fields } = PinholeError.from(error);
      assert.equal(code, Code.InvalidArgument);
      assert.deepEqual(fields, [{ field: "name", description: "must match photos/*" }]);
      return true;
    });
  }
  await photos.getPhoto({ name: "photos/a b%?#" });
  assert.deepEqual(gateway.requests, ["GET /v1/photos/a%20b%25%3F%23"]);
});

test("a page that is empty is not the last one", async () => {
  const gateway = await gatewayWith(
    json(200, { photos: [], nextPageToken: "next&" }),
    json(200, { photos: [{ name: "photos/1", newField: true }] }),
  );
  const photos = await all(connect(gateway.url).recentPhotos());
  assert.deepEqual(photos.map((photo) => photo.name), ["photos/1"]);
  assert.deepEqual(gateway.requests, [
    "GET /v1/photos?pageSize=100",
    "GET /v1/photos?pageSize=100&pageToken=next%26",
  ]);
});

test("an upload from a stream is not repeated", async () => {
  const gateway = await gatewayWith(unavailable);
  const stream = new Blob(["bytes"]).stream();
  await assert.rejects(connect(gateway.url).uploadPhoto(stream), { code: Code.Unavailable });
  assert.equal(gateway.requests.length, 1);
  assert.deepEqual(gateway.bodies, ["bytes"]);
});

test("an upload whose source fails reports that", async () => {
  const gateway = await gatewayWith(json(200, {}));
  async function* broken() {
    yield new Uint8Array(10);
    throw new Error("disk on fire");
  }
  await assert.rejects(connect(gateway.url).uploadPhoto(broken()), {
    code: Code.DataLoss,
    message: "cannot read the photo: disk on fire",
  });
});

test("an invalid name or target is refused without a call", async () => {
  assert.throws(() => connect("ftp://example"), { code: Code.InvalidArgument });
  assert.throws(() => connect("example"), { code: Code.InvalidArgument });
  const client = connect("127.0.0.1:1");
  await assert.rejects(client.getUser("no spaces"), { code: Code.InvalidArgument });
  await assert.rejects(client.getPhoto("../1"), { code: Code.InvalidArgument });
});

test("an address without a server is unavailable", async () => {
  for (const target of ["127.0.0.1:1", "http://127.0.0.1:1"]) {
    const client = connect(target, { retry: { maxAttempts: 1 } });
    await assert.rejects(client.getUser(), { code: Code.Unavailable });
  }
});
