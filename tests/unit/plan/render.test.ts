import { readFileSync } from 'node:fs';
import { parsePlan } from '../../../plan/load.ts';
import { renderRunbook } from '../../../plan/render.ts';
import { library } from '../../../starter/library.ts';
import { fixtures } from '../../support/plan/fixtures.ts';

const { plan, environment } = fixtures();
const runbook = renderRunbook(plan, [environment]);

test('says that it is generated, and from what', () => {
  expect(runbook.split('\n')[0]).toContain('Generated from plan.yaml');
});

test('draws every phase, every need, and the critical path thick', () => {
  const drawing = runbook.match(/```mermaid\n([\s\S]*?)```/)?.[1] ?? '';
  const phases = plan.scenarios['region-failover']?.phases ?? [];
  for (const { name } of phases) expect(drawing).toContain(`"${name}<br/>`);
  const arrows = drawing.split('\n').filter((line) => line.includes('>') && /p\d+ (-->|==>) p\d+/.test(line));
  expect(arrows).toHaveLength(phases.flatMap(({ needs }) => needs).length);
  expect(arrows.filter((line) => line.includes('==>'))).toHaveLength(5);
});

test('holds all that the plan decides', () => {
  const sentences = [
    'Business hours are 09:00 to 17:00 in America/New_York',
    '| Business hours | on-call-sre and vp-engineering |  |',
    '| Other hours | on-call-sre | executives, within 30m |',
    'The critical path is 270 s of the 300 s objective',
    '**Point of no return.** From here on, rollback is a failback: it needs its own approval and discards the writes made since.',
    'The chosen scenario starts immediately and waits for approval at its first gate.',
    'more than 1 critical services fail their checks for 10s',
    'it takes longer than 10m',
    'more than 5 % of client requests fail for 10s',
    'promoting would lose more than 5m',
    '| customers | us-east-1 or eu-central-1 |',
    '| test | drill | api.shop.test |',
    'deleted after 400d',
    'on-call-sre commands, and is named in every message.',
    'Gates, pauses and escalations reach on-call-sre and vp-engineering as they happen.',
    '| it starts | executives | within 10m |',
    '| it goes on | executives | every 30m |',
    '| it has ended | executives | within 1h |',
    'Action: {doing}',
    '| test | everybody | webhook | on-call-sre, vp-engineering and executives | all |',
  ];
  for (const sentence of sentences) expect(runbook).toContain(sentence);
});

test('promises an abort only where the plan has it among the criteria', () => {
  expect(runbook).toContain(`At any time, ${plan.authority.abort.join(' or ')} may abort a recovery.`);
  const without = structuredClone(plan);
  for (const { rollback } of Object.values(without.scenarios)) rollback.executiveAbort = false;
  const text = renderRunbook(without, [environment]);
  expect(text).toContain('Nobody may abort a recovery.');
  expect(text).not.toContain('somebody with the right to abort says so');
});

test('says of a move that rebuilds the old primary when a rollback begins to keep the writes', () => {
  const file = 'runbooks/teei-csr/plan.yaml';
  const moves = parsePlan(readFileSync(file, 'utf8'), file, library());
  if (moves.problems !== undefined) throw new Error('the plan cannot be read');
  const text = renderRunbook(moves.value);
  expect(text).toContain('discards the writes made since. Once `rebuild-old-primary` is done, it keeps them.');
  expect(text).not.toMatch(/going back loses|loses them/);
});

test('explains every phase and every command that a person may need', () => {
  for (const { name } of plan.scenarios['region-failover']?.phases ?? []) expect(runbook).toContain(`#### \`${name}\``);
  const commands = ['start', 'status', 'approve', 'reject', 'retry', 'skip', 'rollback', 'abort', 'report'];
  for (const command of commands) expect(runbook).toContain(`npx lifeboat ${command} shop`);
});

test('text of the plan cannot break its tables', () => {
  const components = { cache: { ...plan.components['cache'], description: 'a | b\nc' } } as typeof plan.components;
  const text = renderRunbook({ ...plan, components: { ...plan.components, ...components } });
  expect(text).toContain('a \\| b c |');
});
