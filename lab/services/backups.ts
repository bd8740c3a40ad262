import { httpGet } from '../http.ts';
import { known, type Service } from '../service.ts';
import { addressName, firstInstance, instanceService, type Placement, present, type Shape } from '../shapes/shape.ts';
import { nodeProgram } from './node-program.ts';

/** Backups of the database outside both regions: the first is there once this is ready. */
export const backups = (shape: Shape, { site }: Placement): Service => ({
  name: `${site}/backups`,
  place: site,
  needs: present(shape, [instanceService(firstInstance(shape)), 'bucket']),
  tools: ['postgresql-15'],
  ports: { backups: 8093 },
  readyWithinMs: 30_000,
  programs: (context) => [
    nodeProgram(context, 'backups', 'lab/backups/main.ts', {
      LAB_DATABASE_HOSTS: shape.database.instances.map((each) => known(context.hosts, addressName(each))).join(),
      LAB_REPLICATOR: shape.database.users.replicator.name,
      LAB_REPLICATOR_SECRET: shape.database.users.replicator.secret,
      LAB_BACKUP_PREFIX: backupPrefix(shape),
      LAB_PG_BASEBACKUP: known(context.programs, 'pg_basebackup'),
      LAB_PG_VERIFYBACKUP: known(context.programs, 'pg_verifybackup'),
    }),
  ],
  async observe({ host, ports }) {
    const metrics = await httpGet({ url: `http://${host}:${known(ports, 'backups')}/metrics` });
    if (!/^backup_last_completion_timestamp_seconds \d/m.test(metrics)) throw new Error('there is no backup yet');
  },
});

/** Where backups lie in the bucket. */
export const backupPrefix = ({ system }: Shape) => `backups/${system}/`;
