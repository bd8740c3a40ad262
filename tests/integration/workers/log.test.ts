import { join } from 'node:path';
import { execa } from 'execa';

const LOG = join(import.meta.dirname, '..', '..', '..', 'workers', 'log.ts');

/** Every write to it fails as on a full disk. */
const FULL = '/dev/full';

test('a process whose log cannot be written goes on, and ends when told to', async () => {
  const program = `
    const { createLog } = await import(${JSON.stringify(LOG)});
    const log = createLog('test');
    for (let line = 0; line < 3; line++) {
      log.info('a line');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    process.stderr.write('it goes on');
    process.exit(0);`;
  const run = await execa(process.execPath, ['--input-type=module', '--eval', program], {
    stdout: { file: FULL },
    reject: false,
    timeout: 20_000,
  });
  expect(run).toMatchObject({ exitCode: 0, stderr: 'it goes on' });
}, 30_000);
