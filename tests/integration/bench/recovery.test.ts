import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { execa } from 'execa';
import { countActions, sum } from '../../../bench/recovery/actions.ts';
import { alongTheGraph, oneAfterAnother } from '../../../bench/recovery/forms.ts';
import { approvedSteps, namesOf, secondsToGreen, stepsOf } from '../../../bench/recovery/history.ts';
import { inProcess } from '../../../bench/recovery/in-process.ts';
import { forgetPeak, peakMegabytes } from '../../../bench/recovery/memory.ts';
import { operationsOf, phasesOf } from '../../../bench/recovery/operations.ts';
import { eventually } from '../../../lab/eventually.ts';
import { createFakes } from '../../support/workflows/fakes.ts';
import { teeiPlan } from '../../support/workflows/harness.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'histories');
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
const failovers = files.filter((file) => file.includes('region-failover-'));
const historyOf = (file: string) => historyFromJSON(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
const recovered = failovers.filter((file) => file.endsWith('-recovered.json'));

/** Heartbeats are in no history: those of a failover in the lab, as its Temporal counted them, with room. */
const HEARTBEATS = 25;

test.each(failovers)('%s stays within the events and actions of a failover', (file) => {
  const history = historyOf(file);
  expect(history.events?.length).toBeLessThanOrEqual(400);
  expect(sum(countActions(history)) + HEARTBEATS).toBeLessThanOrEqual(120);
});

test('actions are counted as Temporal Cloud bills them', () => {
  const attributes = (...names: string[]) => ({
    upsertWorkflowSearchAttributesEventAttributes: {
      searchAttributes: { indexedFields: Object.fromEntries(names.map((name) => [name, {}])) },
    },
  });
  const marker = (task: number) => ({ markerRecordedEventAttributes: { workflowTaskCompletedEventId: task as never } });
  const events = [
    { workflowExecutionStartedEventAttributes: {} },
    { activityTaskScheduledEventAttributes: {} },
    { activityTaskStartedEventAttributes: { attempt: 1 } },
    { activityTaskCompletedEventAttributes: {} },
    { activityTaskScheduledEventAttributes: {} },
    { activityTaskStartedEventAttributes: { attempt: 3 } },
    { timerStartedEventAttributes: {} },
    { timerCanceledEventAttributes: {} },
    attributes('LifeboatPhase'),
    // What Temporal keeps of the code's versions is free.
    attributes('TemporalChangeVersion'),
    // Markers of one workflow task are one action.
    ...[marker(4), marker(4), marker(9)],
    { workflowExecutionUpdateAcceptedEventAttributes: {} },
    { workflowExecutionUpdateCompletedEventAttributes: {} },
    { signalExternalWorkflowExecutionInitiatedEventAttributes: {} },
    { startChildWorkflowExecutionInitiatedEventAttributes: {} },
    { workflowExecutionCompletedEventAttributes: {} },
  ];
  expect(countActions({ events })).toEqual({
    starts: 1,
    activities: 2,
    'retries of activities': 2,
    timers: 1,
    'search attributes': 1,
    markers: 2,
    updates: 1,
    signals: 1,
    children: 2,
  });
});

test('what two runs have to do with each other is billed once', () => {
  const parent = { workflowId: 'incident/a', runId: '1' };
  const child = [
    { workflowExecutionStartedEventAttributes: { parentWorkflowExecution: parent } },
    { workflowExecutionSignaledEventAttributes: { externalWorkflowExecution: parent } },
    { workflowExecutionSignaledEventAttributes: {} },
  ];
  // The parent's history has its start, twice, and the signal.
  expect(countActions({ events: child })).toEqual({ signals: 1 });
  const startedBySignal = [
    { workflowExecutionStartedEventAttributes: {} },
    { workflowExecutionSignaledEventAttributes: {} },
    { workflowExecutionSignaledEventAttributes: {} },
  ];
  expect(countActions({ events: startedBySignal })).toEqual({ starts: 1, signals: 1 });
});

test('without an engine the very steps are done that the workflow does between approval and green checks', async () => {
  const plan = await teeiPlan();
  const [file = ''] = recovered;
  const expected = namesOf(approvedSteps(historyOf(file)));
  for (const form of [oneAfterAnother, alongTheGraph]) {
    const { call, calls } = inProcess(createFakes().activities);
    const recovery = { workflowId: 'recovery/teei-csr', runId: 'none', epoch: 1 };
    const acting = { plan, recovery, from: 'us-east-1', to: 'eu-central-1', call, recorded: new Map() };
    await form(phasesOf(plan), (phase) => operationsOf(acting, phase));
    expect(namesOf(calls)).toEqual(expected);
  }
  expect(expected).toContain('promoteDatabase database');
  expect(expected.filter((name) => name.startsWith('cutOverDns'))).toHaveLength(2);
});

test('the time of a failover is that from the yes to the first green checks', () => {
  const history = historyOf(recovered[0] ?? '');
  const green = stepsOf(history).find(({ verb }) => verb === 'watchRecovery');
  const approvedMs = (green?.completedMs ?? Number.NaN) - 3_210;
  expect(secondsToGreen({ history, approvedMs })).toBeCloseTo(3.21, 6);
  const refused = historyOf(failovers.find((file) => file.includes('refused')) ?? '');
  expect(() => secondsToGreen({ history: refused, approvedMs })).toThrow('not approved, or not verified');
});

/** Takes as many bytes as it is told, gives them back, and says so each time that it can be told more. */
const PROGRAM = `
  const taken = (bytes) => Buffer.alloc(bytes, 1).at(-1);
  process.stdin.on('data', (bytes) => { taken(Number(bytes)); gc(); console.log('ready'); });
  console.log('ready');`;

test('the peak of a process is as much as it held at once, until it is forgotten', async () => {
  const holder = execa(process.execPath, ['--expose-gc', '--eval', PROGRAM], { stdin: 'pipe', reject: false });
  const pid = holder.pid ?? 0;
  const ready = () => new Promise((resolve) => holder.stdout.once('data', resolve));
  await ready();
  const before = peakMegabytes(pid);
  holder.stdin.write('300000000');
  await ready();
  expect(peakMegabytes(pid) - before).toBeGreaterThan(250);
  // It is given back in the background.
  await eventually({ what: 'the peak to be forgotten', withinMs: 20_000 }, async () => {
    forgetPeak(pid);
    expect(peakMegabytes(pid) - before).toBeLessThan(100);
  });
  holder.kill();
  await holder;
});
