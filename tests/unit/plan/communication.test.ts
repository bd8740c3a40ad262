import { Channel, channelsFor, type Severity } from '../../../plan/channels.ts';
import { audiences, Communication, levelOf, nextUpdateMs, rolesOf } from '../../../plan/communication.ts';
import { type Audience, compose, type News, placeholders } from '../../../plan/message.ts';

/** The communication of the source plans, in the language of plans: each must be sayable, and come out as it is meant. */

const gametriq = Communication.parse({
  outsiders: ['customers', 'regulators', 'social-media'],
  levels: [
    {
      name: 'level-1',
      title: 'Service degradation',
      severity: 'warning',
      scenarios: ['service-failure'],
      start: [{ roles: ['engineering', 'operations'], within: '1m' }],
    },
    {
      name: 'level-3',
      title: 'Regional failure',
      severity: 'critical',
      scenarios: ['region-failover'],
      start: [
        { roles: ['engineering', 'operations', 'management', 'customer-support'], within: '1m' },
        { roles: ['executives', 'legal', 'customers', 'social-media'], within: '10m' },
      ],
      updates: [{ roles: ['customers'], every: '30m' }],
    },
    {
      name: 'level-4',
      title: 'Data breach or corruption',
      severity: 'critical',
      start: [{ roles: ['everybody', 'regulators'], within: '15m' }],
    },
  ],
});

test('GameTriq: a level by scenario, and one for all others', () => {
  expect(levelOf(gametriq, 'service-failure').name).toBe('level-1');
  expect(levelOf(gametriq, 'region-failover').name).toBe('level-3');
  expect(levelOf(gametriq, 'data-corruption').name).toBe('level-4');
});

test('GameTriq: customers, regulators and the public are outside', () => {
  expect(audiences(gametriq, rolesOf(levelOf(gametriq, 'region-failover')))).toEqual({
    inside: ['engineering', 'operations', 'management', 'customer-support', 'executives', 'legal'],
    outside: ['customers', 'social-media'],
  });
});

test.each([
  ['P0', '15m', 900_000],
  ['P1', '30m', 1_800_000],
  ['P2', '1h', 3_600_000],
])('Golf: %s has news every %s, at whole multiples from the start', (name, every, ms) => {
  const level = { name: name.toLowerCase(), title: name, severity: 'critical', updates: [{ roles: ['team'], every }] };
  const golf = Communication.parse({ levels: [level] });
  expect(levelOf(golf, 'migration-failure').updates).toEqual([{ roles: ['team'], every }]);
  expect(nextUpdateMs(1_000, ms, 1_000)).toBe(1_000 + ms);
  expect(nextUpdateMs(1_000, ms, 999 + ms)).toBe(1_000 + ms);
  expect(nextUpdateMs(1_000, ms, 1_000 + ms)).toBe(1_000 + 2 * ms);
});

test('CastMatch: leadership within 15 min, news every 30 min, a report at the end', () => {
  const level = {
    name: 'incident',
    title: 'Incident',
    severity: 'critical',
    start: [{ roles: ['leadership'], within: '15m' }],
    updates: [{ roles: ['leadership'], every: '30m' }],
    end: [{ roles: ['leadership', 'all-users'], within: '1h' }],
  };
  const castmatch = Communication.parse({ outsiders: ['all-users'], levels: [level] });
  expect(levelOf(castmatch, 'data-corruption')).toMatchObject(level);
});

test('Tournament: what is critical goes to PagerDuty and Slack, a warning to Slack, the rest by e-mail', () => {
  const roles = ['team'];
  const slack = { provider: 'slack', tokenSecret: 'slack', roles };
  const channels = [
    { provider: 'pagerduty', name: 'pager', routingKeySecret: 'pager', roles, severities: ['critical'] },
    { ...slack, name: 'alerts', channel: '#alerts', severities: ['critical'] },
    { ...slack, name: 'monitoring', channel: '#monitoring', severities: ['warning'] },
    {
      provider: 'email',
      name: 'mail',
      host: 'smtp.test',
      port: 25,
      tls: 'starttls',
      from: 'a@team.test',
      to: ['b@team.test'],
      roles,
      severities: ['info'],
    },
  ].map((channel) => Channel.parse(channel));
  const reached = (severity: Severity) => channelsFor(channels, { roles, severity }).map(({ name }) => name);
  expect(reached('critical')).toEqual(['pager', 'alerts']);
  expect(reached('warning')).toEqual(['monitoring']);
  expect(reached('info')).toEqual(['mail']);
  expect(channelsFor(channels, { roles: ['others'], severity: 'critical' })).toEqual([]);
});

test('a plan without levels has nobody told beyond gates, pauses and the end', () => {
  expect(rolesOf(levelOf(Communication.parse({}), 'region-failover'))).toEqual([]);
});

describe('messages', () => {
  const news: News = {
    system: 'shop',
    title: 'The shop',
    environment: 'production',
    mode: 'live',
    level: 'p0',
    severity: 'critical',
    stage: 'identified',
    headline: 'shop: decision wanted',
    message: 'Fail over to eu-central-1?',
    known: 'us-east-1 is dark; secret-host does not answer',
    doing: 'waiting for on-call-sre',
    nextUpdate: '2026-11-21T07:45:00.000Z',
    commander: 'on-call-sre (sre@example.com)',
    startedAt: '2026-11-21T07:30:00.000Z',
  };
  const { templates } = Communication.parse({});
  const say = (audience: Audience, changes: Partial<News> = {}) =>
    compose(templates[audience], audience, { ...news, ...changes });

  test('say inside what is known, what is being done, when there is news, and who commands', () => {
    expect(say('inside')).toEqual({
      subject: '[p0] shop: decision wanted',
      text: [
        'Fail over to eu-central-1?',
        '',
        'Known: us-east-1 is dark; secret-host does not answer',
        'Action: waiting for on-call-sre',
        'Next update: 2026-11-21 07:45 UTC',
        'Commander: on-call-sre (sre@example.com)',
        'More: npx lifeboat status shop',
      ].join('\n'),
    });
  });

  test.each(['investigating', 'identified', 'monitoring', 'resolved'] as const)('tell nothing outside: %s', (stage) => {
    const { subject, text } = say('outside', { stage });
    expect(subject).toMatch(/^The shop: /);
    for (const inside of ['us-east-1', 'secret-host', 'on-call-sre', 'example.com', 'eu-central-1', 'p0']) {
      expect(subject + text).not.toContain(inside);
    }
    expect(text).toContain('Next update: 2026-11-21 07:45 UTC');
  });

  test('a template for people outside cannot be made to tell', () => {
    const curious = { subject: '{headline}', text: '{known} {doing} {commander} {title}' };
    const { subject, text } = compose(curious, 'outside', news);
    expect(subject).toBe('{headline}');
    expect(text).toBe('{known} {doing} {commander} The shop');
    expect(placeholders('inside')).toEqual(expect.arrayContaining(placeholders('outside')));
  });

  test('say so when no update is planned, and when it is a drill', () => {
    expect(say('outside', { nextUpdate: null }).text).toContain('Next update: none is planned');
    expect(say('outside', { mode: 'drill' }).subject).toMatch(/^DRILL The shop/);
  });

  test('what is put in is not filled in again', () => {
    expect(say('inside', { message: 'odd {commander}' }).text.split('\n')[0]).toBe('odd {commander}');
  });
});
