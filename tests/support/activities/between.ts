import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const THROTTLED = `<?xml version="1.0"?>
<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
<Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>1</RequestId>
</ErrorResponse>`;

export interface Asked {
  method: string;
  path: string;
  body: string;
}

/** What is done to requests on their way; the numbers count down to 0. */
export interface Meddling {
  /** Looks at each request before it goes on; an answer is given in place of the API's, with status 400. */
  before?: (request: Asked) => Promise<string | null>;
  /** Is told of each request that was answered, and how. */
  after?: (request: Asked, status: number) => void;
  /** Requests still to be refused as Route 53 refuses who asks too often. */
  throttle?: number;
  /** Answers still to be changed. */
  rewrite?: { count: number; from: string; to: string };
}

/** Stands between the AWS SDK and an AWS API, to make it answer as it does on worse days. */
export async function startBetween(target: string, meddling: Meddling) {
  const server = createServer(async (incoming, outgoing) => {
    if (meddling.throttle) {
      meddling.throttle -= 1;
      outgoing.writeHead(400, { 'content-type': 'text/xml' }).end(THROTTLED);
      return;
    }
    const asked = await text(incoming);
    const { method = 'GET', url: path = '/' } = incoming;
    const refused = await meddling.before?.({ method, path, body: asked });
    if (refused) {
      outgoing.writeHead(400, { 'content-type': 'text/xml' }).end(refused);
      return;
    }
    const { status, body } = await forward(target, incoming, asked);
    meddling.after?.({ method, path, body: asked }, status);
    outgoing.writeHead(status, { 'content-type': 'text/xml' }).end(rewritten(body, meddling));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.7.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.7.1:${port}`,
    end: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function forward(target: string, incoming: IncomingMessage, body: string) {
  const { method = 'GET', headers, url = '/' } = incoming;
  const { authorization = '', 'content-type': type = 'text/xml' } = headers;
  const init = { method, headers: { authorization, 'content-type': type }, ...(body !== '' && { body }) };
  const response = await fetch(new URL(url, target), init);
  return { status: response.status, body: await response.text() };
}

function rewritten(body: string, { rewrite }: Meddling): string {
  if (!rewrite || rewrite.count === 0 || !body.includes(rewrite.from)) return body;
  rewrite.count -= 1;
  return body.replaceAll(rewrite.from, rewrite.to);
}
