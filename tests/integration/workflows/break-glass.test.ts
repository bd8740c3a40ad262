import type { Standing } from '../../../plan/break-glass/standing.ts';
import { broken, createFakes } from '../../support/workflows/fakes.ts';
import {
  approve,
  decide,
  gateOpen,
  phasePaused,
  promotionStuck,
  stage,
  startFailover,
  statusWhen,
  withWorkers,
} from '../../support/workflows/harness.ts';

const { env, plan } = await stage();

/** Keeps what would be stored. */
function keeper() {
  const kept: Standing[] = [];
  const storeBreakGlass = async (standing: Standing) => {
    kept.push(standing);
    return { location: 's3://lifeboat/evidence/latest.md' };
  };
  return { kept, storeBreakGlass };
}

/** The newest that is kept, once it fits. */
async function keptWhen(kept: readonly Standing[], fits: (standing: Standing) => boolean): Promise<Standing> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const newest = kept.at(-1);
    if (newest && fits(newest)) return newest;
    if (Date.now() > deadline)
      throw new Error(`kept ${kept.length}; the newest is ${newest?.state}: ${newest?.summary}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const stateOf = ({ phases }: Standing, name: string) => phases.find((phase) => phase.name === name)?.state;

test('holds the open gate, the paused phase with what was recorded before, and in the end that nothing remains', async () => {
  const { kept, storeBreakGlass } = keeper();
  let dead = true;
  const fakes = createFakes({
    storeBreakGlass,
    cutOverDns: async () =>
      dead ? Promise.reject(broken('Route 53 is dead')) : { changed: true, detail: 'the names are moved' },
  });
  await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    const atGate = await keptWhen(kept, ({ gates }) => gates.length > 0);
    expect(atGate).toMatchObject({ state: 'waiting', gates: [{ name: 'approve' }], recorded: [], goingBack: null });
    expect(stateOf(atGate, 'assess')).toBe('done');
    await approve(env, recovering);
    const components = ['analytics', 'balancer', 'database', 'dns', 'edge-dns', 'events', 'workloads'];
    // Both names are recorded at the same time, and one of them may fail before the other is.
    const isWhole = ({ recorded }: Standing) => recorded.length >= components.length;
    const paused = await keptWhen(
      kept,
      (standing) => stateOf(standing, 'cut-over-dns') === 'paused' && isWhole(standing),
    );
    expect(paused).toMatchObject({ state: 'paused', gates: [], pointOfNoReturnPassed: true });
    expect(paused.phases.find(({ name }) => name === 'cut-over-dns')?.detail).toMatch(/Route 53 is dead/);
    expect(paused.recorded.map(({ component }) => component).toSorted()).toEqual(components);
    expect(paused.recorded.find(({ key }) => key === 'dns')).toMatchObject({
      state: 'dns',
      detail: 'dns as they were',
    });
    dead = false;
    await decide(env, recovering, phasePaused('cut-over-dns'), { verb: 'retry', target: 'cut-over-dns' });
    expect((await recovering.result()).outcome).toBe('recovered');
  });
  expect(kept.at(-1)).toMatchObject({ ended: true, state: 'recovered' });
  // Each is of a later time, a second after the one before unless it is the last, and there are no more of them than changes.
  const times = kept.map(({ asOf }) => Date.parse(asOf));
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  expect(Math.min(...gaps)).toBeGreaterThan(0);
  expect(Math.min(...gaps.slice(0, -1))).toBeGreaterThanOrEqual(1_000);
  expect(kept.length).toBeLessThanOrEqual(24);
});

test('a store that is gone is said once, holds nothing up, and is written to when it is back', async () => {
  const { kept, storeBreakGlass } = keeper();
  let gone = true;
  const fakes = createFakes({
    storeBreakGlass: (standing) => (gone ? Promise.reject(broken('no such bucket')) : storeBreakGlass(standing)),
  });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    const says =
      (text: RegExp) =>
      ({ timeline }: { timeline: { text: string }[] }) =>
        timeline.some((line) => text.test(line.text));
    await statusWhen(recovering, says(/break-glass runbook cannot be kept: .*no such bucket/));
    await statusWhen(recovering, gateOpen('approve'));
    gone = false;
    // Nothing changes at the gate: it is tried again by itself.
    await env.sleep('40s');
    await keptWhen(kept, ({ gates }) => gates.length > 0);
    await approve(env, recovering);
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
  const said = report.timeline.filter(({ text }) => text.includes('break-glass'));
  expect(said.map(({ text }) => text.split(':')[0])).toEqual([
    'the break-glass runbook cannot be kept',
    'the break-glass runbook is kept again',
  ]);
});

test('a store that does not answer holds nothing up', async () => {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { kept, storeBreakGlass } = keeper();
  const fakes = createFakes({ storeBreakGlass: (standing) => answered.then(() => storeBreakGlass(standing)) });
  const report = await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    try {
      await approve(env, recovering);
      await statusWhen(recovering, ({ state }) => state === 'recovered');
    } finally {
      answer();
    }
    return await recovering.result();
  });
  expect(report.outcome).toBe('recovered');
  expect(kept.at(-1)).toMatchObject({ ended: true });
});

// The last, since what is cut off in the middle keeps the server's clock from moving.
test('holds what is left of going back', async () => {
  const { kept, storeBreakGlass } = keeper();
  const fakes = createFakes({
    storeBreakGlass,
    fenceDatabase: async () => Promise.reject(broken('the lease cannot be read')),
    restoreWorkloads: async () => Promise.reject(broken('the cluster is gone')),
  });
  await withWorkers(env, fakes, async () => {
    const recovering = await startFailover(env, plan);
    await approve(env, recovering);
    await decide(env, recovering, promotionStuck, { verb: 'rollback' });
    const back = await keptWhen(kept, (standing) => stateOf(standing, 'rollback-workloads') === 'paused');
    expect(back.goingBack).toMatch(/rollback ordered by/);
    await recovering.terminate();
  });
});
