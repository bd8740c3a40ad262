import { Redis } from 'ioredis';
import { FROM, recoveryRef, stepOf, TO, wired } from '../../support/activities/step.ts';
import { DATABASE, SYSTEM } from '../../support/lab/shape.ts';
import type { Subject, Theatre } from './subject.ts';

const ROWS = 2_500;

/** The primary region's database takes the part of the promoted one; each run has a prefix of its own. */
export const redis: Theatre = {
  needs: [`${FROM}/redis`, `${FROM}/postgres`],
  async open(lab) {
    const everywhere = (location: object) => ({ [FROM]: location, [TO]: location });
    const client = new Redis(lab.endpoint(`${FROM}/redis`));
    const database = wired('database', 'postgres-streaming', {
      shared: {
        database: DATABASE,
        user: 'lifeboat',
        passwordSecret: `${SYSTEM}/postgres`,
        tls: 'disable',
        replication: 'asynchronous',
      },
      regions: everywhere(lab.endpoint(`${FROM}/postgres`)),
    });
    const rebuild: Subject = {
      verb: 'rebuildCache',
      async prepare(run) {
        const prefix = `run-${run}:`;
        const query = `SELECT '${prefix}' || n AS key, 'row ' || n AS value FROM generate_series(1, ${ROWS}) n`;
        const component = wired('cache', 'redis', {
          shared: { database: 'database', prefix, entries: [{ query }] },
          regions: everywhere(lab.endpoint(`${FROM}/redis`)),
        });
        await client.mset(`${prefix}1`, 'stale', `${prefix}${ROWS + 1}`, 'stale');
        async function seen() {
          const keys = await client.keys(`${prefix}*`);
          const [first, written] = await client.mget(`${prefix}1`, `${prefix}2`);
          return { keys: keys.length, first, written };
        }
        // What the workloads write once the step is done is theirs: nobody who comes late may take it away.
        const act = async () => void (await client.set(`${prefix}2`, 'newer'));
        const undo = { act, expected: { keys: ROWS, first: 'row 1', written: 'newer' } };
        const input = { ...stepOf(component, recoveryRef()), database };
        return { input, seen, expected: { keys: ROWS, first: 'row 1', written: 'row 2' }, undo };
      },
    };
    return { subjects: [rebuild], close: async () => client.disconnect() };
  },
};
