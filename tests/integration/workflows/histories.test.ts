import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { Outcome } from '../../../plan/report.ts';
import { workflowBundle } from '../../../workers/bundle.ts';
import { INCIDENT_RUNS } from '../../support/workflows/incident-course.ts';
import { COURSES } from '../../support/workflows/outcomes.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'histories');
const files = (await readdir(FOLDER, { recursive: true })).filter((file) => file.endsWith('.json')).sort();

/** Decisions are bound to the workflow's id, so that it is replayed with the one that it had. */
async function replay(text: string): Promise<void> {
  const history = JSON.parse(text);
  const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
}

test('every outcome of the region failover has a saved history', () => {
  for (const outcome of Outcome.options) {
    expect(files).toEqual(expect.arrayContaining([expect.stringContaining(`region-failover-${outcome}.json`)]));
  }
});

test('every course that is played has a saved history', () => {
  for (const { scenario, outcome } of COURSES) {
    expect(files).toEqual(expect.arrayContaining([expect.stringContaining(`${scenario}-${outcome}.json`)]));
  }
});

test.each(INCIDENT_RUNS)(
  'the %s run of an incident is saved with the event by which it went on in another',
  async (run) => {
    const [file = ''] = files.filter((name) => name.endsWith(`incident-${run}.json`));
    const { events } = JSON.parse(await readFile(join(FOLDER, file), 'utf8'));
    const started = events[0].workflowExecutionStartedEventAttributes;
    const ended = events.at(-1).eventType;
    expect([started.continuedExecutionRunId ?? null, ended]).toEqual(
      run === 'first'
        ? [null, 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW']
        : [expect.any(String), 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED'],
    );
  },
);

// A change that breaks one of these breaks recoveries that run while it is rolled out: use `patched`.
test.each(files)('%s replays', async (file) => {
  await replay(await readFile(join(FOLDER, file), 'utf8'));
});

test('a history that does not fit the workflow is noticed', async () => {
  const [file = ''] = files.filter((name) => name.includes('recovered'));
  const text = await readFile(join(FOLDER, file), 'utf8');
  const other = text.replaceAll('"fenceDatabase"', '"somethingElse"');
  await expect(replay(other)).rejects.toThrow(/nondeterminism/i);
});
