import { type Lab, up } from '../../../lab/lab.ts';
import { createActivities } from '../../../workers/activities.ts';
import type { Point, Signal } from '../../chaos/fault.ts';
import { play, type Run, thesePoints } from '../../chaos/matrix.ts';
import type { Subject } from '../../chaos/subjects/subject.ts';
import { THEATRES } from '../../chaos/theatres.ts';
import { depsOf } from '../../support/activities/step.ts';

/** One dangerous moment of every activity and its compensation; `npm run chaos` goes through all moments. */
const POINTS: [Signal, Point][] = [['SIGKILL', 'after']];

/** Channels that take keys of messages need not each be gone through here. */
const LEFT_OUT = ['pagerduty', 'email'];

/** Where the outside can tell who comes late, the worker is also frozen with its change in its hands. */
const FROZEN: Record<string, [Signal, Point][]> = {
  cutOverDns: [['SIGSTOP', 'sending-4']],
  repointWorkloads: [['SIGSTOP', 'before']],
  rebuildCache: [['SIGSTOP', 'sending-4']],
};

describe('the worker of a step is struck', () => {
  let lab: Lab;

  beforeAll(async () => {
    const needs = Object.values(THEATRES).flatMap((theatre) => theatre.needs);
    lab = await up({ name: `chaos-${process.pid}`, only: [...new Set([...needs, 'third-place/temporal'])] });
    Object.assign(process.env, lab.wiring);
  }, 120_000);

  afterAll(() => lab?.down());

  test('it finishes elsewhere, and its effect has happened once', async () => {
    const runs: Run[] = [];
    const theatres = Object.values(THEATRES);
    const faults = ({ verb, by = '' }: Subject) => (LEFT_OUT.includes(by) ? [] : [...POINTS, ...(FROZEN[verb] ?? [])]);
    for await (const run of play(lab, theatres, (subject, rehearse) => thesePoints(faults(subject), rehearse))) {
      runs.push(run);
    }
    expect(runs.filter(({ wrong }) => wrong !== null)).toEqual([]);
    expect(runs.filter(({ struck }) => !struck)).toEqual([]);
    // A verb that is new in the contract needs a subject.
    const verbs = Object.keys(createActivities(depsOf()));
    expect(verbs.filter((verb) => !runs.some((run) => run.verb === verb))).toEqual([]);
  }, 600_000);
});
