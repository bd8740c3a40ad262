import { rollbackReason } from '../../../plan/rollback.ts';

const CRITERIA = {
  for: '10s',
  criticalServicesFailing: 3,
  recoveryTime: '10m',
  customerErrors: 5,
  executiveAbort: true,
};
const FINE = { criticalServicesFailing: 0, elapsedSeconds: 100, customerErrorsPercent: 0 };

const reason = (seen: Partial<typeof FINE>) => rollbackReason(CRITERIA, { ...FINE, ...seen });

test('a recovery that goes well is not rolled back', () => {
  expect(reason({})).toBeNull();
});

test('each criterion has its limit', () => {
  expect(reason({ criticalServicesFailing: 3 })).toBeNull();
  expect(reason({ criticalServicesFailing: 4 })).toBe('4 critical services fail; more than 3 roll back.');
  expect(reason({ elapsedSeconds: 599 })).toBeNull();
  expect(reason({ elapsedSeconds: 600 })).toContain('has taken 600 s and goes on');
  expect(reason({ customerErrorsPercent: 5 })).toBeNull();
  expect(reason({ customerErrorsPercent: 5.01 })).toContain('client requests fail');
});

test('what is unknown never triggers, and hides nothing that is known', () => {
  const unknown = { criticalServicesFailing: null, elapsedSeconds: null, customerErrorsPercent: null };
  expect(rollbackReason(CRITERIA, unknown)).toBeNull();
  expect(rollbackReason(CRITERIA, { ...unknown, criticalServicesFailing: 4 })).not.toBeNull();
  expect(rollbackReason(CRITERIA, { ...unknown, customerErrorsPercent: 50 })).not.toBeNull();
});

test('absent criteria are not evaluated', () => {
  const worst = { criticalServicesFailing: 99, elapsedSeconds: 99_999, customerErrorsPercent: 100 };
  expect(rollbackReason({ for: '10s', executiveAbort: false }, worst)).toBeNull();
});
