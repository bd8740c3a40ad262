import { breakLab, FAULTS, faultUsage } from '../../../lab/faults.ts';
import type { Lab } from '../../../lab/lab.ts';
import { twoSites } from '../../support/lab/shape.ts';

const lab = { shape: twoSites, services: [], wiring: {} } as unknown as Lab;

test('every undo is a verb with no other parameters than what it undoes', () => {
  const undone = Object.values(FAULTS).flatMap(({ parameters, undo }) =>
    undo === undefined ? [] : [{ parameters, undo }],
  );
  expect(undone.length).toBeGreaterThan(5);
  for (const { parameters, undo } of undone) {
    const bare = (names: readonly string[] = []) => names.map((name) => name.replace(/[<>[\]]/g, ''));
    expect(bare(parameters)).toEqual(expect.arrayContaining(bare(FAULTS[undo]?.parameters)));
  }
});

test('the usage has a line for every verb, with what undoes it', () => {
  const lines = faultUsage().split('\n');
  expect(lines).toHaveLength(Object.keys(FAULTS).length);
  expect(lines.find((line) => line.startsWith('  freeze <target>'))).toMatch(/; undone by thaw$/);
  expect(lines.find((line) => line.startsWith('  damage-page <instance> <relation> [block]'))).not.toContain('undone');
});

test('an unknown verb and an unknown target are answered with those that are known', async () => {
  await expect(breakLab(lab, ['flood', 'x'])).rejects.toThrow(/no fault "flood x"; known are: kill <target>, .*redis/);
  await expect(breakLab(lab, ['freeze', 'mars'])).rejects.toThrow(
    /no fault "freeze mars"; .*region-a, region-b, us-east-1/,
  );
});

test('parameters that are missing or too many are refused before anything is touched', async () => {
  await expect(breakLab(lab, ['revoke', 'us-east-1', 'INSERT'])).rejects.toThrow(
    '"revoke" takes <instance> <privilege> <table> <user>; given: us-east-1 INSERT',
  );
  await expect(breakLab(lab, ['thaw'])).rejects.toThrow('"thaw" takes <target>; given: nothing');
  await expect(breakLab(lab, ['revoke', 'us-east-1', 'INSERT; DROP', 'orders', 'x'])).rejects.toThrow(/is none of/);
  await expect(breakLab(lab, ['delay', 'us-east-1', 'soon'])).rejects.toThrow(/no number of milliseconds/);
});
