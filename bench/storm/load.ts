import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sent } from '../../tests/support/starter/webhooks/senders.ts';

export interface Answer {
  sent: Sent;
  /** 0 when the connection broke. */
  status: number;
  /** From the moment that it was due until the whole answer was there: waiting for a turn counts. */
  ms: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const TICK_MS = 5;
const ROUNDS = 60;

/** Sends at a steady rate, whether or not answers come: alerts do not wait for each other. */
export async function replay(url: string, sent: readonly Sent[], perSecond: number) {
  const begun = performance.now();
  const answers: Promise<Answer>[] = [];
  while (answers.length < sent.length) {
    const due = Math.min(sent.length, Math.floor(((performance.now() - begun) / 1_000) * perSecond) + 1);
    while (answers.length < due) {
      const dueMs = begun + (answers.length / perSecond) * 1_000;
      answers.push(post(url, sent[answers.length] as Sent, dueMs));
    }
    await sleep(TICK_MS);
  }
  const all = await Promise.all(answers);
  return { answers: all, seconds: (performance.now() - begun) / 1_000 };
}

/** Sends again what was refused, as senders do, until all of it is taken; answers how many rounds that took. */
export async function redeliver(url: string, refused: readonly Answer[]): Promise<number> {
  let left = refused.map(({ sent }) => sent);
  for (let round = 1; left.length > 0; round += 1) {
    if (round > ROUNDS) throw new Error(`${left.length} webhooks are still refused after ${ROUNDS} rounds`);
    await sleep(500);
    const { answers } = await replay(url, left, 1_000);
    left = answers.filter(({ status }) => status !== 200 && status !== 409).map(({ sent }) => sent);
    if (left.length === 0) return round;
  }
  return 0;
}

function post(url: string, sent: Sent, dueMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const answered = (status: number) => resolve({ sent, status, ms: performance.now() - dueMs });
    const length = Buffer.byteLength(sent.payload);
    const options = { method: 'POST', agent, headers: { ...sent.headers, 'content-length': length } };
    const call = request(`${url}${sent.url}`, options, (answer) => {
      answer.resume();
      answer.once('end', () => answered(answer.statusCode ?? 0));
      answer.once('error', () => answered(0));
    });
    call.once('error', () => answered(0));
    call.end(sent.payload);
  });
}
