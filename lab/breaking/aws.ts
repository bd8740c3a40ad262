import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lab } from '../lab.ts';

/** A call to AWS on its way. */
export interface AwsCall {
  /** The service that the request was signed for: `route53`, `s3`, `cloudfront`, `elasticloadbalancing`. */
  service: string;
  method: string;
  path: string;
}

/**
 * What becomes of a call: it is dropped without an answer, told that callers are too fast, or answered as if what was
 * changed had not reached all servers yet.
 */
export type AwsTrouble = 'dead' | 'throttled' | 'pending';

/** As Route 53 answers more than five requests a second (https://docs.aws.amazon.com/Route53/latest/APIReference/). */
const THROTTLED = `<?xml version="1.0"?>
<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
  <Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>
  <RequestId>00000000-0000-0000-0000-000000000000</RequestId>
</ErrorResponse>`;

/** Stands between those who use AWS and the lab's AWS, and makes trouble on the way. Lives in this process. */
export class AwsBetween {
  /** Asked of every call; null lets it pass. */
  trouble: (call: AwsCall) => AwsTrouble | null = () => null;
  readonly #behind: { host: string; port: number };
  readonly #server: Server;

  private constructor(behind: { host: string; port: number }) {
    this.#behind = behind;
    this.#server = createServer((incoming, answer) => this.#take(incoming, answer));
  }

  /** Listens on the third place's address, on any port that is free. */
  static async open(lab: Lab): Promise<AwsBetween> {
    const behind = lab.endpoint('third-place/aws');
    const between = new AwsBetween(behind);
    await new Promise<void>((resolve, reject) => {
      between.#server.once('error', reject);
      between.#server.listen({ host: behind.host, port: 0 }, resolve);
    });
    return between;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(incoming: IncomingMessage, answer: ServerResponse): void {
    const trouble = this.trouble(callOf(incoming));
    if (trouble === 'dead') return void incoming.socket.destroy();
    if (trouble === 'throttled') return void answer.writeHead(400, { 'content-type': 'text/xml' }).end(THROTTLED);
    const { method, url, headers } = incoming;
    const onward = request({ ...this.#behind, method, path: url, headers, agent: false }, (response) => {
      void passBack(response, answer, trouble === 'pending');
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.on('error', () => onward.destroy());
    incoming.pipe(onward);
  }
}

function callOf({ headers, method = 'GET', url = '/' }: IncomingMessage): AwsCall {
  const [, service = 'unknown'] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  return { service, method, path: url };
}

async function passBack(response: IncomingMessage, answer: ServerResponse, pending: boolean): Promise<void> {
  const { statusCode = 502, headers } = response;
  if (!pending) {
    answer.writeHead(statusCode, headers);
    response.pipe(answer);
    return;
  }
  const body = Buffer.concat(await response.toArray())
    .toString('utf8')
    .replaceAll('INSYNC', 'PENDING');
  delete headers['transfer-encoding'];
  answer.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
