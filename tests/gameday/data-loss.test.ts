import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { readLedger } from '../../lab/client/ledger.ts';
import { eventually } from '../../lab/eventually.ts';
import type { Lab } from '../../lab/lab.ts';
import { PRIMARY } from '../../lab/places.ts';
import { readSecret } from '../../lab/secrets.ts';
import { failed, GAMEDAY_TIMEOUT_MS, gameday } from './support.ts';

const LOST = 40;

/** Writes go on being acknowledged, and are not sent to the standby any more. */
async function stopSending(lab: Lab): Promise<void> {
  const client = new pg.Client({
    ...lab.endpoint(`${PRIMARY}/postgres`),
    database: 'teei',
    user: 'lifeboat',
    password: await readSecret(join(lab.folder, 'secrets'), 'teei-csr/postgres'),
  });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_replication');
  await client.end();
  expect(rows).toHaveLength(1);
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
}

async function acknowledged(lab: Lab): Promise<number> {
  return readLedger(await readFile(join(lab.folder, 'third-place', 'client', 'ledger.jsonl'), 'utf8')).length;
}

test(
  'asynchronous replication that had fallen behind: what is lost is reported, and never less than the ledger says',
  async () => {
    const played = await gameday('data-loss', {
      worse: (lab) => ({
        async beforeDisaster() {
          await stopSending(lab);
          const before = await acknowledged(lab);
          await eventually({ what: 'writes that will be lost', withinMs: 20_000 }, async () => {
            expect(await acknowledged(lab)).toBeGreaterThan(before + LOST);
          });
        },
      }),
    });
    const { report, measured } = played;
    expect(measured.lost).toBeGreaterThanOrEqual(LOST);
    expect(report.dataLoss.lostAcknowledgedWrites).toBe(measured.lost);
    expect(report.dataLoss.actualSeconds).toBeGreaterThanOrEqual(measured.lostSpanSeconds);
    expect(failed(played)).toEqual([]);
  },
  GAMEDAY_TIMEOUT_MS,
);
