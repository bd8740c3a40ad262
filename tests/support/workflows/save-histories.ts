import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import packageJson from '../../../package.json' with { type: 'json' };
import { createFakes } from './fakes.ts';
import { startRealServer, startScenario, teeiPlan, withWorkers } from './harness.ts';
import { INCIDENT_RUNS, playIncident } from './incident-course.ts';
import { abortable, COURSES } from './outcomes.ts';

/**
 * `npm run histories`: plays every outcome, and an incident, once on a real server and saves the histories, named by the version of
 * Lifeboat that wrote it.
 * Histories of a released version are never written again: they are what running recoveries of it look like. Those of one
 * that nobody runs yet are taken away and recorded anew when commands change.
 */
const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'histories', packageJson.version);
await mkdir(folder, { recursive: true });

const env = await startRealServer();
try {
  const plan = abortable(await teeiPlan());
  for (const { scenario, outcome, fakes, act } of COURSES) {
    const file = join(folder, `${scenario}-${outcome}.json`);
    if (existsSync(file)) continue;
    const history = await withWorkers(env, fakes(), async () => {
      const recovering = await startScenario(env, plan, scenario);
      await act(env, recovering);
      await recovering.result();
      return await recovering.fetchHistory();
    });
    await save(file, history);
  }
  const files = INCIDENT_RUNS.map((run) => ({ run, file: join(folder, `incident-${run}.json`) }));
  if (!files.every(({ file }) => existsSync(file))) {
    const runs = await withWorkers(env, createFakes(), () => playIncident(env, { ...plan, system: 'teei-incident' }));
    for (const { run, file } of files) await save(file, await runs[run].fetchHistory());
  }
} finally {
  await env.teardown();
}

async function save(file: string, history: Parameters<typeof historyToJSON>[0]): Promise<void> {
  // Stack traces name files of this checkout, not of this machine.
  const text = historyToJSON(history).replaceAll(join(import.meta.dirname, '..', '..', '..', '/'), '');
  await writeFile(file, text, { flag: 'wx' });
}
