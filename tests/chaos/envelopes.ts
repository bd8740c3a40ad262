import { join } from 'node:path';
import { execa } from 'execa';
import type { Run } from './matrix.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TEST = 'tests/integration/approvals/fuzz.test.ts';

/** Sends mutated envelopes at an open gate, in rounds of the size that `npm test` has a tenth of; each has its own seed. */
export async function* mutatedEnvelopes(times: number, seed: string, signal: AbortSignal): AsyncGenerator<Run> {
  for (let round = 1; round <= times && !signal.aborted; round++) {
    const env = { FUZZ_ENVELOPES: '100000', FUZZ_SEED: `${Number.parseInt(seed, 16) + round}` };
    const { exitCode, all } = await execa(process.execPath, ['tests/run.ts', TEST], {
      cwd: ROOT,
      env,
      all: true,
      reject: false,
      cancelSignal: signal,
    });
    yield { name: `100,000 envelopes, seed ${env.FUZZ_SEED}`, struck: true, wrong: exitCode === 0 ? null : `${all}` };
  }
}
