import { join } from 'node:path';
import { execa } from 'execa';
import { THIRD_PLACE } from './places.ts';
import type { Task } from './service.ts';
import { firstInstance, instanceService, present, type Shape, servingSites } from './shapes/shape.ts';

/**
 * What the services must hold before others use them, made as soon as those that it is made on are ready. The modules
 * are loaded only then, since most labs of tests need few of them.
 */
const TASKS: Record<string, { needs: (shape: Shape) => string[]; run: Task['run'] }> = {
  bucket: {
    needs: () => [`${THIRD_PLACE}/aws`],
    run: async (lab) => (await import('./provision/bucket.ts')).provisionBucket(lab.wiring),
  },
  'aws-objects': {
    needs: () => [`${THIRD_PLACE}/aws`, 'bucket'],
    run: async (lab) => lab.remember(await (await import('./provision/aws.ts')).provisionAws(lab)),
  },
  'edge-record': {
    needs: () => [`${THIRD_PLACE}/cloudflare`],
    run: async (lab) => (await import('./provision/cloudflare.ts')).provisionCloudflare(lab),
  },
  tables: {
    needs: (shape) => [instanceService(firstInstance(shape))],
    run: async (lab) => (await import('./provision/database.ts')).provisionDatabase(lab),
  },
  stream: {
    needs: (shape) => servingSites(shape).map((site) => `${site}/nats`),
    run: async (lab) => (await import('./provision/stream.ts')).provisionStream(lab),
  },
  'analytics-tables': {
    needs: (shape) => servingSites(shape).map((site) => `${site}/clickhouse`),
    run: async (lab) => (await import('./provision/analytics.ts')).provisionAnalytics(lab),
  },
  workloads: {
    needs: (shape) => servingSites(shape).map((site) => `${site}/kubernetes`),
    async run(lab) {
      const { provisionKubernetes } = await import('./provision/kubernetes.ts');
      await Promise.all(servingSites(lab.shape).map((site) => provisionKubernetes(lab, site)));
    },
  },
  bundle: {
    needs: () => [],
    // Apart from this process, which is busy waiting for everything else; not shared work for the workers to repeat.
    run: async () => void (await execa(process.execPath, [join(import.meta.dirname, '..', 'workers', 'build.ts')])),
  },
};

/** The tasks of a lab of that shape. */
export function tasksOf(shape: Shape): Task[] {
  return shape.tasks.map((name) => {
    const task = TASKS[name];
    if (task === undefined) throw new Error(`shape "${shape.name}" names a task "${name}" that does not exist`);
    return { name, needs: present(shape, task.needs(shape)), run: task.run };
  });
}
