import { recorded } from './fixtures.ts';

/** What Alertmanager posts, with other alerts. */
export function payload(...alerts: object[]): object {
  return { ...JSON.parse(recorded('firing')), alerts: alerts.length > 0 ? alerts : [alert()] };
}

export function alert(more: object = {}): object {
  return {
    status: 'firing',
    labels: { alertname: 'RegionUnreachable', system: 'teei-csr', severity: 'critical' },
    annotations: { summary: 'us-east-1 does not answer' },
    startsAt: '2026-03-01T12:00:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.test',
    fingerprint: 'b5c3a4f0f2a1d9e7',
    ...more,
  };
}
