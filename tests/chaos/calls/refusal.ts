/** How a server says that it cannot just now, in its own protocol. */
export interface Refusal {
  answer: string;
  /** The connection ends with it. */
  ends: boolean;
}

/**
 * What the server on the other side would say.
 *
 * @param opening how the first thing that was sent on the connection begins
 * @param request how what is refused begins
 * @returns null for a protocol that has no such answer
 */
export function refusalOf(opening: string, request: string): Refusal | null {
  if (/^(GET|POST|PUT|PATCH|DELETE|HEAD) /.test(opening)) return { answer: http(opening + request), ends: true };
  if (opening.startsWith('*')) return { answer: '-LOADING Redis is loading the dataset in memory\r\n', ends: false };
  if (opening.startsWith(POSTGRES, 4)) return { answer: shutDown(), ends: true };
  return null;
}

/** The version of PostgreSQL's protocol, after the length of its first message. */
const POSTGRES = '\x00\x03\x00\x00';

function shutDown(): string {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command', ''];
  const body = fields.map((field) => `${field}\0`).join('');
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return `E${length.toString('latin1')}${body}`;
}

/** AWS is known by a header of its clients; it throttles, and others are unavailable. */
function http(request: string): string {
  const aws = /amz-sdk-/i.test(request);
  const [status, type, body] = aws
    ? ['429 Too Many Requests', 'text/xml', '<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>']
    : ['503 Service Unavailable', 'application/json', '{"message":"not just now"}'];
  const headers = [`content-type: ${type}`, `content-length: ${body.length}`, 'connection: close'];
  return [`HTTP/1.1 ${status}`, ...headers, '', body].join('\r\n');
}
