// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { Code, open } from "@pinhole/client";
import { picturePath, Server, temporaryFolder } from "./servers.js";

test("grpcs:// trusts the given certificate authorities only", async () => {
  const folder = await temporaryFolder();
  const key = join(folder, "key.pem");
  const certificate = join(folder, "certificate.pem");
  execFileSync("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1".split(" "),
    ..."-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1".split(" "),
    ...["-keyout", key, "-out", certificate],
  ], { stdio: "ignore" });
  const server = await Server.start([
    "--grpc-tls-certificate", certificate, "--grpc-tls-key", key,
  ]);
  const trusting = open(`grpcs://${server.grpc}`, { tls: { authorities: certificate } });
  assert((await trusting.getServerInfo()).version.length > 0);
  trusting.close();
  const retry = { maxAttempts: 1 };
  for (const scheme of ["grpcs", "grpc"]) {
    const client = open(`${scheme}://${server.grpc}`, { retry });
    await assert.rejects(client.getServerInfo(), { code: Code.Unavailable });
    client.close();
  }
  assert.throws(() => open(`grpcs://${server.grpc}`, { tls: { authorities: picturePath } }), {
    code: Code.InvalidArgument,
    message: /must be a PEM file/,
  });
  assert.throws(() => open(server.grpc, { tls: { authorities: certificate } }), {
    code: Code.InvalidArgument,
  });
});
