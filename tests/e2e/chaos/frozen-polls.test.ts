import { type ChildProcess, spawn } from 'node:child_process';
import { type Lab, up } from '../../../lab/lab.ts';
import { Rig } from '../../chaos/rig.ts';
import { Keys } from '../../support/activities/approval/keys.ts';
import { SRE, textOf } from '../../support/approvals/chain.ts';
import { PRIMARY } from '../../support/lab/shape.ts';

const QUEUE = `lifeboat-teei-csr-${PRIMARY}`;
const STEPS = 3;

/** A worker of the product that stands idle and freezes holds polls that Temporal goes on giving tasks to. */
describe('an idle worker is frozen', () => {
  let lab: Lab;
  let rig: Rig;
  let other: ChildProcess | undefined;
  let keys: Keys;

  beforeAll(async () => {
    lab = await up({ name: `frozen-polls-${process.pid}`, only: [`${PRIMARY}/worker`] });
    rig = await Rig.start(lab);
    keys = await Keys.make('sre');
  }, 120_000);

  afterAll(async () => {
    other?.kill('SIGKILL');
    await rig?.end();
    await keys?.remove();
    await lab?.down();
  });

  test('it takes one attempt of one step with it, and no step fails of it', async () => {
    lab.signal(`${PRIMARY}/worker`, 'SIGSTOP');
    const env = { ...process.env, ...lab.wiring, LIFEBOAT_TASK_QUEUE: QUEUE };
    other = spawn(process.execPath, ['workers/main.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await polling(other);
    const approvers = [{ identity: SRE, roles: ['on-call-sre'], keys: [await keys.publicKey('sre')] }];
    const statement = textOf();
    const decision = { statement, signature: await keys.sign('sre', statement) };
    const input = { decisions: [decision], plan: { approvers } };
    let attempts = 0;
    for (let step = 0; step < STEPS; step++) {
      const done = await rig.step({ verb: 'verifySignatures', input, taskQueue: QUEUE });
      expect(done.result).toMatchObject([{ identity: SRE, refusal: null }]);
      attempts += done.attempts;
    }
    expect(attempts).toBeLessThanOrEqual(STEPS + 1);
    // The frozen one was there to take something at all.
    expect(attempts).toBe(STEPS + 1);
  }, 120_000);
});

/** Resolves when the worker says that it polls. */
function polling({ stdout }: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    stdout?.on('data', (log: Buffer) => {
      if (log.includes('"polling"')) resolve();
    });
  });
}
