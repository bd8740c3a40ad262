import { AlertBook } from '../../../workflows/incident/alert-book.ts';
import type { Alert } from '../../../workflows/incident-messages.ts';
import { alert } from '../../support/workflows/incidents.ts';

describe('alerts in any order', () => {
  const AT = ['2026-06-10T10:00:00.000Z', '2026-06-10T10:05:00.000Z'] as const;
  const states = [
    alert({ startsAt: AT[0] }),
    alert({ startsAt: AT[0], status: 'resolved' }),
    alert({ startsAt: AT[1] }),
    alert({ startsAt: AT[1], status: 'resolved' }),
  ];

  test('what was resolved last stays resolved', () => {
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
      [0, 0, 3, 3, 2, 1],
    ];
    for (const order of orders) {
      const book = new AlertBook({ alerts: {}, shown: [] });
      for (const index of order) book.join([states[index] as (typeof states)[number]]);
      expect([order, book.firing]).toEqual([order, 0]);
      expect(new AlertBook(book.carriedOver()).firing).toBe(0);
    }
  });

  test('what fires again later fires, whatever arrives late, and is news only once', () => {
    const book = new AlertBook({ alerts: {}, shown: [] });
    const [first, over, again] = states as [Alert, Alert, Alert];
    expect([again, over, first, again].map((each) => book.join([each]))).toEqual([true, false, false, false]);
    expect([book.firing, book.size, book.firingSince()]).toEqual([1, 1, AT[1]]);
  });

  test('a storm beyond all measure forgets what is resolved before what fires', () => {
    const book = new AlertBook({ alerts: {}, shown: [] });
    book.join(Array.from({ length: 15_000 }, (_, n) => alert({ fingerprint: `r${n}`, status: 'resolved' })));
    book.join(Array.from({ length: 15_000 }, (_, n) => alert({ fingerprint: `f${n}` })));
    expect([book.size, book.firing]).toEqual([20_000, 15_000]);
    expect(book.list()).toHaveLength(50);
    expect(JSON.stringify(book.carriedOver()).length).toBeLessThan(1_000_000);
  });
});
