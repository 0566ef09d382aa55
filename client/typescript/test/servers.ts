// SPDX-License-Identifier: Apache-2.0

// The real server as a process of a test, on free ports and in temporary folders.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open as openFile, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { open } from "@pinhole/client";
import type { Client, ClientOptions } from "@pinhole/client";

const binaries = process.env.PINHOLE_BIN ?? "build/release/bin";

export const picturePath = process.env.PINHOLE_TEST_PICTURE ?? "plain.jpg";
export const picture = await readFile(picturePath);
export const password = "a long password";

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pinhole-typescript-"));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A server that `stop` ends in order. Killed at the end of the file's tests. */
export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly folder: string,
    readonly grpc: string,
    readonly http: string,
  ) {}

  static async start(options: string[] = [], folder?: string): Promise<Server> {
    folder ??= await temporaryFolder();
    const log = await openFile(join(folder, "server.log"), "a");
    const free = ["grpc", "http", "metrics"]
      .filter((name) => !options.includes(`--${name}-listen`))
      .flatMap((name) => [`--${name}-listen`, "127.0.0.1:0"]);
    const child = spawn(
      join(binaries, "pinhole-server"),
      ["--data-dir", join(folder, "data"), ...free, ...options],
      { stdio: ["ignore", "pipe", log.fd] },
    );
    after(() => child.kill("SIGKILL"));
    const addresses: Record<string, string> = {};
    for await (const line of createInterface(child.stdout!)) {
      const [name, address] = line.split(" listening on ");
      if (name && address) addresses[name] = address.trim();
      if (line.startsWith("ready")) break;
    }
    await log.close();
    child.stdout!.resume();
    if (!addresses.gRPC || !addresses.HTTP) {
      throw new Error(`the server did not start:\n${await readFile(join(folder, "server.log"))}`);
    }
    return new Server(child, folder, addresses.gRPC, `http://${addresses.HTTP}`);
  }

  /** Ends the process as a crash would. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await once(this.process, "exit");
    }
  }

  /** Starts a server on the same data and ports, after `kill`. */
  restart(): Promise<Server> {
    const http = this.http.replace("http://", "");
    return Server.start(["--grpc-listen", this.grpc, "--http-listen", http], this.folder);
  }

  target(kind: Kind): string {
    return kind === "gRPC" ? this.grpc : this.http;
  }
}

export type Kind = "gRPC" | "HTTP";
export const kinds: readonly Kind[] = ["gRPC", "HTTP"];

/** Makes a client that is closed at the end of the file's tests. */
export function connect(target: string, options: ClientOptions = {}): Client {
  const client = open(target, options);
  after(() => client.close());
  return client;
}

/** Makes a client that is registered and signed in. */
export async function signedIn(target: string, handle: string): Promise<Client> {
  const client = connect(target);
  await client.register(handle, password);
  await client.login(handle, password);
  return client;
}

export async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const list = [];
  for await (const entry of entries) list.push(entry);
  return list;
}

/** Waits until `condition` resolves with something true. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
