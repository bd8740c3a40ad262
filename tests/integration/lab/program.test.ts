import { join } from 'node:path';
import { execa } from 'execa';

const LAB = join(import.meta.dirname, '..', '..', '..', 'lab');

describe.each(['application', 'client', 'cloudflare', 'sink'])('lab/%s', (program) => {
  test('without configuration ends with one line that names what is missing', async () => {
    const { exitCode, stderr, stdout } = await execa(process.execPath, [join(LAB, program, 'main.ts')], {
      env: { PATH: process.env['PATH'] },
      extendEnv: false,
      reject: false,
    });
    expect(exitCode).toBe(78);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).toMatch(new RegExp(`^lab/${program} cannot start; .*LAB_`));
  });
});
