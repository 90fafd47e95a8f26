import { connect, createServer, type Server as Listener, type Socket } from "node:net";

/** Leads a browser to a server, and can be cut. */
export interface Way {
  readonly origin: string;
  cut(): void;
  mend(): void;
}

/**
 * One person's way to the server, which can be cut. A browser told to be offline keeps its
 * WebSockets, so only this takes everything away.
 */
export class Wire implements Way {
  readonly origin: string;
  readonly #listener: Listener;
  readonly #sockets: Set<Socket>;
  readonly #state: { cut: boolean };

  private constructor(origin: string, listener: Listener, sockets: Set<Socket>, state: { cut: boolean }) {
    this.origin = origin;
    this.#listener = listener;
    this.#sockets = sockets;
    this.#state = state;
  }

  static async to(origin: string): Promise<Wire> {
    const { hostname, port } = new URL(origin);
    const sockets = new Set<Socket>();
    const state = { cut: false };
    const listener = createServer((near) => {
      if (state.cut) {
        near.destroy();
        return;
      }
      const far = connect(Number(port), hostname);
      for (const [one, other] of [[near, far], [far, near]] as const) {
        sockets.add(one);
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          sockets.delete(one);
          other.destroy();
        });
      }
    });
    await new Promise<void>((ready) => listener.listen(0, "127.0.0.1", ready));
    const address = listener.address();
    if (address === null || typeof address === "string") throw new Error("no free port");
    return new Wire(`http://127.0.0.1:${address.port}`, listener, sockets, state);
  }

  cut(): void {
    this.#state.cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#state.cut = false;
  }

  async remove(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.#listener.close(closed));
  }
}
