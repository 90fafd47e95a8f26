import { createServer, request, type IncomingMessage, type RequestOptions, type Server as Listener } from "node:http";
import type { Duplex } from "node:stream";

import type { Way } from "./Wire";

/** A proxy that shows the server under a path of an address that belongs to others, too. */
export class Mount implements Way {
  readonly origin: string;
  /** What was asked for beside the path. */
  readonly strays: string[] = [];
  readonly #path: string;
  readonly #listener: Listener;
  readonly #sockets = new Set<Duplex>();
  #server = "";
  #isCut = false;

  private constructor(path: string, listener: Listener, port: number) {
    this.#path = path;
    this.#listener = listener;
    this.origin = `http://127.0.0.1:${port}`;
    listener.on("connection", (socket) => this.#isCut ? socket.destroy() : this.#keep(socket));
    listener.on("request", (asked, answer) => {
      const onward = this.#onward(asked);
      if (!onward) return void answer.writeHead(404).end();
      const forwarded = request(onward, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      forwarded.on("error", () => answer.destroy());
      asked.pipe(forwarded);
    });
    listener.on("upgrade", (asked, near: Duplex, said: Buffer) => {
      const onward = this.#onward(asked);
      if (!onward) return void near.destroy();
      const forwarded = request(onward);
      forwarded.on("error", () => near.destroy());
      forwarded.on("response", () => near.destroy());
      forwarded.on("upgrade", (got, far: Duplex, answered: Buffer) => {
        this.#keep(far);
        const lines = got.rawHeaders.map((text, at) => text + (at % 2 === 0 ? ": " : "\r\n"));
        near.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
        near.write(answered);
        far.write(said);
        for (const [one, other] of [[near, far], [far, near]] as const) {
          one.pipe(other);
          one.on("error", () => other.destroy());
          one.on("close", () => other.destroy());
        }
      });
      forwarded.end();
    });
  }

  static async at(path: string): Promise<Mount> {
    const listener = createServer();
    await new Promise<void>((ready) => listener.listen(0, "127.0.0.1", ready));
    const address = listener.address();
    if (address === null || typeof address === "string") throw new Error("no free port");
    return new Mount(path, listener, address.port);
  }

  leadTo(server: string): void {
    this.#server = server;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async remove(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.#listener.close(closed));
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  /** The same request for the server, which is not told of the path; nothing for what is beside it. */
  #onward({ url = "/", method, headers }: IncomingMessage): RequestOptions | undefined {
    if (!url.startsWith(`${this.#path}/`)) {
      this.strays.push(url);
      return undefined;
    }
    const { hostname, port } = new URL(this.#server);
    return { hostname, port, method, headers, path: url.slice(this.#path.length) };
  }
}
