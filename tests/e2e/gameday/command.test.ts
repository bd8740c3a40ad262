import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Report } from '../../../plan/report.ts';
import { busy, GAMEDAY_TIMEOUT_MS } from '../../support/gameday/support.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'lab', 'gameday', 'main.ts');
const NAME = 'command';

test(
  'npm run gameday -- --yes --json FILE: shows the failover, writes the report, leaves nothing behind',
  async () => {
    const file = join(tmpdir(), `lifeboat-report-${process.pid}.json`);
    const run = await execa(process.execPath, [MAIN, '--yes', '--name', NAME, '--json', file], { reject: false });
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/The objectives were met\.$/);
    expect(run.exitCode).toBe(0);
    const report = Report.parse(JSON.parse(await readFile(file, 'utf8')));
    await rm(file);
    expect(report).toMatchObject({ outcome: 'recovered', mode: 'drill' });
    // An answer that is long in coming is given again.
    expect(report.approvals).toContainEqual(expect.objectContaining({ verb: 'approve', accepted: true }));
    const [, outage] = /outage (\d+\.\d+) s/.exec(run.stdout) ?? [];
    expect(Number(outage)).toBeLessThanOrEqual(15 * busy());
    await expect(readFile(join(import.meta.dirname, '..', '..', '..', '.lab', NAME, 'state.json'))).rejects.toThrow(
      'ENOENT',
    );
  },
  GAMEDAY_TIMEOUT_MS,
);

test('npm run gameday -- list: names every row with plan and shape; an unknown one is answered with them', async () => {
  const list = await execa(process.execPath, [MAIN, 'list']);
  expect(list.stdout).toMatch(/^teei-1 +teei-csr +two-sites +.*\n(.*\n)*rollback-abort +/);
  const both = await execa(process.execPath, [MAIN, '--all', '--row', 'teei-1'], { reject: false });
  expect(both).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('choose one of: rows by name') });
  const unknown = await execa(process.execPath, [MAIN, 'flood'], { reject: false });
  expect(unknown).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/no row "flood"; there are: teei-1,/),
  });
});
