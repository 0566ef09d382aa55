// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after } from "node:test";

/** A TCP proxy on loopback that breaks connections. */
export class Proxy {
  /** Closes the next connection after so many bytes of the client. */
  cutAfter = Infinity;
  /** How many connections there were. */
  connections = 0;
  /** Whether new connections discard what the server sends. */
  mute = false;
  private readonly muted = new WeakSet<Socket>();
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly port: number) {}

  /** `target` is HOST:PORT or an http:// URL; the address has the same form. */
  static async start(target: string): Promise<Proxy & { address: string }> {
    const [, scheme = "", host = "", port = ""] = /^(http:\/\/)?(.*):(\d+)$/.exec(target) ?? [];
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    after(() => server.close());
    const own = (server.address() as AddressInfo).port;
    const proxy = new Proxy(own);
    after(() => proxy.cut());
    server.on("connection", (client) => proxy.accept(client, connect(Number(port), host)));
    return Object.assign(proxy, { address: `${scheme}127.0.0.1:${proxy.port}` });
  }

  /** Closes all connections. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Discards what the server sends from now on over the present connections. */
  silence(): void {
    for (const socket of this.sockets) this.muted.add(socket);
  }

  private accept(client: Socket, server: Socket): void {
    this.connections += 1;
    let left = this.cutAfter;
    this.cutAfter = Infinity;
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    if (this.mute) this.muted.add(server);
    client.on("data", (bytes) => {
      left -= bytes.byteLength;
      if (left < 0) client.destroy();
      else server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (!this.muted.has(server)) client.write(bytes);
    });
  }
}
