import { join } from 'node:path';
import { execa } from 'execa';
import { PRIMARY, REGIONS, STANDBY, THIRD_PLACE } from './places.ts';
import type { Task } from './service.ts';

/**
 * What the services must hold before others use them, made as soon as those that it is made on are ready. The modules
 * are loaded only then, since most labs of tests need few of them.
 */
export const TASKS: readonly Task[] = [
  {
    name: 'bucket',
    needs: [`${THIRD_PLACE}/aws`],
    run: async ({ wiring }) => (await import('./provision/bucket.ts')).provisionBucket(wiring),
  },
  {
    name: 'aws-objects',
    needs: [`${THIRD_PLACE}/aws`, 'bucket'],
    run: async (lab) => lab.remember(await (await import('./provision/aws.ts')).provisionAws(lab.wiring)),
  },
  {
    name: 'edge-record',
    needs: [`${THIRD_PLACE}/cloudflare`],
    run: async ({ wiring }) => (await import('./provision/cloudflare.ts')).provisionCloudflare(wiring),
  },
  {
    name: 'tables',
    needs: [`${PRIMARY}/postgres`],
    run: async ({ wiring }) => (await import('./provision/database.ts')).provisionDatabase(wiring),
  },
  {
    name: 'stream',
    needs: REGIONS.map((region) => `${region}/nats`),
    run: async ({ wiring }) => (await import('./provision/stream.ts')).provisionStream(wiring),
  },
  {
    name: 'analytics-tables',
    needs: REGIONS.map((region) => `${region}/clickhouse`),
    run: async ({ wiring }) => (await import('./provision/analytics.ts')).provisionAnalytics(wiring),
  },
  {
    name: 'workloads',
    needs: REGIONS.map((region) => `${region}/kubernetes`),
    async run({ wiring }) {
      const { provisionKubernetes } = await import('./provision/kubernetes.ts');
      await Promise.all([PRIMARY, STANDBY].map((region) => provisionKubernetes(wiring, region)));
    },
  },
  {
    name: 'bundle',
    needs: [],
    // Apart from this process, which is busy waiting for everything else; not shared work for the workers to repeat.
    run: async () => void (await execa(process.execPath, [join(import.meta.dirname, '..', 'workers', 'build.ts')])),
  },
];
