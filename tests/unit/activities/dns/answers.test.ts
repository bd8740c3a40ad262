import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { answeredTtl } from '../../../../activities/dns/answers.ts';

const TTL_SECONDS = 7;
const SERVER_FAILURE = 2;

/** What a server of one record makes of a question: one A record, or a failure. */
function answerTo(question: Buffer, failure: boolean): Buffer {
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(failure ? 0x8400 | SERVER_FAILURE : 0x8400, 2);
  header.writeUInt16BE(failure ? 0 : 1, 6);
  // Neither authorities nor what the question carried besides.
  header.writeUInt32BE(0, 8);
  const nameEnds = question.indexOf(0, 12);
  const asked = question.subarray(12, nameEnds + 5);
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(1, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  record.set([127, 0, 0, 10], 12);
  return Buffer.concat(failure ? [header, asked] : [header, asked, record]);
}

/** A server that does not answer the first questions, or fails them, and answers those that follow. */
async function serverThat(how: 'is silent' | 'fails', times: number) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let questions = 0;
  socket.on('message', (question, { port, address }) => {
    questions += 1;
    const answers = questions > times;
    if (answers || how === 'fails') socket.send(answerTo(question, !answers), port, address);
  });
  const { port } = socket.address() as AddressInfo;
  return { server: `127.0.0.1:${port}`, asked: () => questions, end: () => socket.close() };
}

const RECORD = { name: 'www.example.test', type: 'A' } as const;

test.each(['is silent', 'fails'] as const)(
  'a server that %s twice is asked for its time to live again',
  async (how) => {
    const { server, asked, end } = await serverThat(how, 2);
    try {
      expect(await answeredTtl([server], RECORD)).toBe(TTL_SECONDS);
      expect(asked()).toBe(3);
    } finally {
      end();
    }
  },
);

test('a server that never answers does not tell, and the others do', async () => {
  const never = await serverThat('fails', Number.POSITIVE_INFINITY);
  const always = await serverThat('fails', 0);
  try {
    expect(await answeredTtl([never.server], RECORD)).toBeNull();
    expect(await answeredTtl([never.server, always.server], RECORD)).toBe(TTL_SECONDS);
  } finally {
    never.end();
    always.end();
  }
});
