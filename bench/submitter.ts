import { connect, type Socket } from "node:net";

/**
 * One connection that posts JSON and waits for each answer, with as little work as can be: those who load a host share its
 * processor cores with it. Answers must tell their length, as Heddle's do.
 */
export class Submitter {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error when the connection ends before the answer has come. */
  post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<{ status: number; body: string }> {
    const socket = this.#open();
    const all = { host: `127.0.0.1:${this.#port}`, ...headers, "content-length": String(Buffer.byteLength(body)) };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const request = `POST ${path} HTTP/1.1\r\n${head.join("")}\r\n${body}`;
    return new Promise((resolve, reject) => {
      let received = "";
      const hear = (text: string) => {
        received += text;
        const end = received.indexOf("\r\n\r\n");
        const length = end < 0 ? undefined : /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1];
        if (length === undefined || received.length < end + 4 + Number(length)) return;
        stop();
        resolve({ status: Number(received.slice(9, 12)), body: received.slice(end + 4) });
      };
      const fail = () => {
        stop();
        this.close();
        reject(new Error("The connection ended before the answer."));
      };
      const stop = () => socket.off("data", hear).off("close", fail);
      socket.on("data", hear).once("close", fail);
      socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    // Answers are ASCII, so that characters are bytes.
    const socket = connect(this.#port, "127.0.0.1").setNoDelay().setEncoding("latin1");
    // Whoever waits hears of it by `close`.
    socket.on("error", () => undefined);
    this.#socket = socket;
    return socket;
  }
}
