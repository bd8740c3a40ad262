import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Got {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Null for none. */
  body: unknown;
}

/** Answers one request; what it does not answer stays open. */
export type Answer = (got: Got, response: ServerResponse) => void;

/** An HTTP server that remembers what it got and answers as it is told. */
export class Receiver {
  readonly got: Got[] = [];
  answer: Answer = (_, response) => reply(response, 202);
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const body = await text(request);
      const { method = '', url: path = '', headers } = request;
      const got = { method, path, headers, body: body === '' ? null : JSON.parse(body) };
      this.got.push(got);
      this.answer(got, response);
    });
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Answers with a status and, where it is given, a body as JSON. */
export function reply(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
}
