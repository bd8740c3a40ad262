import type { Snapshot, Step } from '../../../activities/contract.ts';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Inverse, Recovery } from '../../../workflows/recovery/recovery.ts';
import { recordInverse, wayBack } from '../../../workflows/recovery/rollback.ts';

const component = { name: 'dns' } as WiredComponent;
const step = { to: 'eu-central-1' } as Step;

/** What recording needs of a recovery. */
const recovery = () =>
  ({ inverses: [], recordings: new Map(), step: () => step }) as unknown as Pick<Recovery, 'inverses'> as Recovery;

test('two phases that start together record once, before either has changed anything', async () => {
  const on = recovery();
  const { promise: read, resolve } = Promise.withResolvers<Snapshot>();
  let captured = 0;
  const compensation = {
    kind: 'restoreDns' as const,
    summary: 'put dns back',
    capture: () => {
      captured += 1;
      return read;
    },
  };
  const both = Promise.all([recordInverse(on, component, compensation), recordInverse(on, component, compensation)]);
  resolve({ detail: 'as it was', state: null });
  await both;
  expect([captured, on.inverses.map(({ key }) => key)]).toEqual([1, ['dns']]);
});

test('a second kind of change to a component is recorded, too, under a name of its own', async () => {
  const on = recovery();
  const capture = async () => ({ detail: 'as it was', state: null });
  for (const kind of ['restoreDns', 'restoreTargets', 'restoreDns'] as const) {
    await recordInverse(on, component, { kind, capture, summary: 'put dns back' });
  }
  expect(on.inverses.map(({ key }) => key)).toEqual(['dns', 'dns-restoreTargets']);
});

test('what could not be recorded is tried again', async () => {
  const on = recovery();
  let attempts = 0;
  const capture = async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('not now');
    return { detail: 'as it was', state: null };
  };
  const compensation = { kind: 'restoreDns' as const, capture, summary: 'put dns back' };
  await expect(recordInverse(on, component, compensation)).rejects.toThrow('not now');
  await recordInverse(on, component, compensation);
  expect(on.inverses).toHaveLength(1);
});

test('databases go back first, and become standbys once, by their component and not by what a change is called', () => {
  const inverse = (key: string, name: string, kind: string) =>
    ({ key, step: { component: { name, kind } } }) as Inverse;
  const recorded = [
    inverse('workloads', 'workloads', 'workloads'),
    inverse('orders', 'orders', 'database'),
    inverse('dns', 'dns', 'dns'),
    inverse('orders-restoreRouting', 'orders', 'database'),
  ];
  const way = wayBack(recorded, true);
  expect(way.inOrder.map(({ key }) => key)).toEqual(['orders-restoreRouting', 'orders', 'dns', 'workloads']);
  expect(way.databases.map(({ name }) => name)).toEqual(['orders']);
  const undone = wayBack(recorded, false);
  expect(undone.inOrder.map(({ key }) => key)).toEqual(['orders-restoreRouting', 'dns', 'orders', 'workloads']);
  expect(undone.databases).toEqual([]);
});
