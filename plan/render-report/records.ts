import type { ApprovalRecord, NotificationRecord, Report } from '../report.ts';
import type { Cell, Section, Table } from './model.ts';
import { clock, list, moment, toneOf } from './words.ts';

/** What was recorded along the way: decisions, checks, notifications, events. */

/** A facts digest is recognised by its beginning; the whole is in report.json. */
const DIGEST_SHOWN = 12;

function section(title: string, none: string, table: Table): Section {
  return table.rows.length === 0 ? { title, notes: [none], table: null } : { title, notes: [], table };
}

export function approvals({ approvals: records }: Report): Section {
  return section('Approvals', 'Nobody decided anything.', {
    columns: ['At', 'Decision', 'By', 'Roles', 'Key', 'Facts', 'Verdict', 'Detail'],
    rows: records.map(approval),
  });
}

function approval(record: ApprovalRecord): Cell[] {
  return [
    moment(record.at),
    `${record.verb} ${record.target}`,
    record.identity ?? 'unknown',
    list(record.roles),
    record.keyFingerprint ?? 'unknown',
    record.factsDigest?.slice(0, DIGEST_SHOWN) ?? '–',
    record.accepted ? { text: 'accepted', tone: 'good' } : { text: 'refused', tone: 'bad' },
    record.reason === null ? record.detail : `${record.detail} (reason given: ${record.reason})`,
  ];
}

export function checks({ checks: records }: Report): Section {
  return section('Checks', 'Nothing was checked.', {
    columns: ['Check', 'Outcome', 'At', 'Detail'],
    rows: records.map(({ name, outcome, at, detail }) => [
      name,
      { text: outcome, tone: toneOf(outcome) },
      moment(at),
      detail,
    ]),
  });
}

export function notifications({ notifications: records }: Report): Section {
  return section('Notifications', 'Nobody was told.', {
    columns: ['At', 'Kind', 'Subject', 'For', 'Delivered to', 'Failed', 'In time'],
    rows: records.map((record) => [
      moment(record.at),
      record.kind,
      record.subject,
      list(record.roles),
      list([...record.delivered, ...stillTried(record)]),
      record.failed.length === 0 ? '–' : { text: list(record.failed.map(whyFailed(record))), tone: 'bad' },
      inTime(record),
    ]),
  });
}

const stillTried = ({ deliveries }: NotificationRecord): string[] =>
  deliveries.filter(({ goesOnIn }) => goesOnIn !== undefined).map(({ channel }) => `${channel} (not yet)`);

const whyFailed =
  ({ deliveries }: NotificationRecord) =>
  (name: string): string => {
    const reason = deliveries.find(({ channel }) => channel === name)?.detail;
    return reason === undefined ? name : `${name} (${reason})`;
  };

function inTime({ onTime, dueAt }: NotificationRecord): Cell {
  if (dueAt === null) return '–';
  if (onTime === null) return { text: `unknown, due ${moment(dueAt)}`, tone: 'unsure' };
  return onTime ? { text: 'yes', tone: 'good' } : { text: `no, due ${moment(dueAt)}`, tone: 'bad' };
}

export function timeline({ timeline: records, startedAt }: Report): Section {
  return section('Timeline', 'Nothing was recorded.', {
    columns: ['UTC', 'After', 'Event'],
    rows: records.map(({ at, text }) => [clock(at), after(startedAt, at), text]),
  });
}

/** `+14.2 s` since the start. */
function after(startedAt: string, at: string): string {
  const seconds = (Date.parse(at) - Date.parse(startedAt)) / 1000;
  if (!Number.isFinite(seconds)) return '–';
  return `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(1)} s`;
}
