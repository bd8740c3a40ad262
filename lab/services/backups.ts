import { httpGet } from '../http.ts';
import { PRIMARY, THIRD_PLACE } from '../places.ts';
import { known, type Service } from '../service.ts';
import { nodeProgram } from './node-program.ts';

/** Backups of the database outside both regions: the first is there once this is ready. */
export const backups: Service = {
  name: `${THIRD_PLACE}/backups`,
  place: THIRD_PLACE,
  needs: [`${PRIMARY}/postgres`, 'bucket'],
  tools: ['postgresql-15'],
  ports: { backups: 8093 },
  readyWithinMs: 30_000,
  programs: (context) => [
    nodeProgram(context, 'backups', 'lab/backups/main.ts', {
      LAB_PG_BASEBACKUP: known(context.programs, 'pg_basebackup'),
      LAB_PG_VERIFYBACKUP: known(context.programs, 'pg_verifybackup'),
    }),
  ],
  async observe({ host, ports }) {
    const metrics = await httpGet({ url: `http://${host}:${known(ports, 'backups')}/metrics` });
    if (!/^backup_last_completion_timestamp_seconds \d/m.test(metrics)) throw new Error('there is no backup yet');
  },
};
