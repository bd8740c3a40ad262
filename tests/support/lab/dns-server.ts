import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A DNS server that answers every question for an address with what it is told to, and counts the questions. */
export interface DnsServer {
  /** `host:port`. */
  address: string;
  questions(): number;
  /** From now on; null answers SERVFAIL. */
  answer(record: { address: string; ttlSeconds: number } | null): void;
  end(): Promise<void>;
}

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4');
  let questions = 0;
  let current: { address: string; ttlSeconds: number } | null = null;
  socket.on('message', (query, from) => {
    questions++;
    socket.send(reply(query, current), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(socket.address() as AddressInfo).port}`,
    questions: () => questions,
    answer: (record) => {
      current = record;
    },
    end: () => new Promise((resolve) => socket.close(resolve)),
  };
}

/** RFC 1035, section 4: a header of 12 bytes, the question as it came, and one A record or none. */
function reply(query: Buffer, record: { address: string; ttlSeconds: number } | null): Buffer {
  const endOfName = query.indexOf(0, 12);
  const question = query.subarray(12, endOfName + 5);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(record === null ? 0x8182 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  if (record === null) return Buffer.concat([header, question]);
  header.writeUInt16BE(1, 6);
  const answer = Buffer.alloc(16);
  answer.writeUInt16BE(0xc00c, 0);
  answer.writeUInt16BE(1, 2);
  answer.writeUInt16BE(1, 4);
  answer.writeUInt32BE(record.ttlSeconds, 6);
  answer.writeUInt16BE(4, 10);
  Buffer.from(record.address.split('.').map(Number)).copy(answer, 12);
  return Buffer.concat([header, question, answer]);
}
