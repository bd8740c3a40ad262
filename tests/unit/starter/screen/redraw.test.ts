import { redraw } from '../../../../starter/cli/watch.ts';
import type { RecoveryStatus } from '../../../../workflows/recovery/messages.ts';
import { GATE, minutesLater, phase, waitingStatus } from '../../../support/starter/statuses.ts';
import { Terminal } from '../../../support/starter/terminal.ts';

const QUESTION = `${'us-east-1 is unreachable, and the standby in eu-central-1 is ready. '.repeat(4)}Fail over now?`;
const LONG =
  'a detail that is longer than a terminal is wide, as those of databases and workloads are, again and again';

/** Seventeen phases, a gate with every fact, and a long history: more than any small terminal has room for. */
const large = waitingStatus({
  summary: `${QUESTION} Waiting for on-call-sre.`,
  phases: Array.from({ length: 17 }, (_, index) =>
    phase(`phase-${index}`, { detail: LONG, state: index < 9 ? 'done' : 'waiting' }),
  ),
  gates: [{ ...GATE, question: QUESTION, facts: GATE.facts && { ...GATE.facts, components: components() } }],
  timeline: Array.from({ length: 30 }, (_, index) => ({ at: minutesLater(index / 30), text: `${index}: ${LONG}` })),
});

function components() {
  return Array.from({ length: 6 }, (_, index) => ({
    component: `component-${index}`,
    kind: 'cache' as const,
    region: `region-${index}`,
    health: 'failing' as const,
    detail: LONG,
  }));
}

const small = waitingStatus({
  state: 'recovered',
  summary: 'it serves',
  phases: [phase('assess')],
  gates: [],
  timeline: [],
});

const SIZES = [
  { columns: 80, rows: 40 },
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
];

function draw(terminal: Terminal, status: RecoveryStatus, size: (typeof SIZES)[number]) {
  terminal.write(redraw(status, { color: true, now: new Date(minutesLater(2)), size }));
}

const open = ({ columns, rows }: (typeof SIZES)[number]) => new Terminal(columns, rows);
const unwrapped = (terminal: Terminal) => terminal.lines.join('').replaceAll(/\s+/g, '');

test.each(SIZES)(
  'state, question and what to type stay on a screen of $columns x $rows, redraw after redraw',
  (size) => {
    const terminal = open(size);
    for (let times = 0; times < 3; times += 1) draw(terminal, large, size);
    expect(terminal.scrolled).toBe(0);
    expect(terminal.lines[1]).toMatch(/^WAITING /);
    expect(unwrapped(terminal)).toContain(`decisionwanted:approve${QUESTION.replaceAll(/\s+/g, '')}`);
    expect(terminal.lines.at(-1) || terminal.lines.join()).toContain('npx lifeboat');
  },
);

test.each(SIZES)('a smaller screen leaves nothing of the one before at $columns x $rows', (size) => {
  const terminal = open(size);
  draw(terminal, large, size);
  draw(terminal, small, size);
  const fresh = open(size);
  draw(fresh, small, size);
  expect(terminal.lines).toEqual(fresh.lines);
});

test('where there is room, all is shown', () => {
  const size = { columns: 300, rows: 100 };
  const terminal = open(size as (typeof SIZES)[number]);
  draw(terminal, large, size);
  for (const shown of ['phase-16', 'last events', 'component-5']) expect(terminal.lines.join()).toContain(shown);
});
