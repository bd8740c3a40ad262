import type { Severity } from './channels.ts';
import type { Communication, Template } from './communication.ts';
import type { Stage } from './report.ts';

/** What can be said of a recovery just now. */
export interface News {
  system: string;
  /** The system's name for people. */
  title: string;
  environment: string;
  mode: 'live' | 'drill';
  level: string;
  severity: Severity;
  stage: Stage;
  /** One line: what this message is about. */
  headline: string;
  /** What this message has to say. */
  message: string;
  /** What is known, and what is being done. */
  known: string;
  doing: string;
  /** ISO time; null when none is planned. */
  nextUpdate: string | null;
  commander: string;
  /** ISO time. */
  startedAt: string;
}

const STATES: Record<Stage, string> = {
  investigating: 'we are looking into a disruption',
  identified: 'service is being restored',
  monitoring: 'service is back and being watched',
  resolved: 'service is restored',
};

const OUTLOOKS: Record<Stage, (title: string) => string> = {
  investigating: (title) => `${title} has trouble. We are looking into it.`,
  identified: (title) => `${title} has trouble. We know the cause and are restoring service.`,
  monitoring: (title) => `${title} serves again. We keep watching it.`,
  resolved: (title) => `${title} serves as usual again.`,
};

type Placeholders = Record<string, (news: News) => string>;

/** What may be said outside of the company. */
const TO_OUTSIDERS: Placeholders = {
  title: ({ title }) => title,
  state: ({ stage }) => STATES[stage],
  outlook: ({ stage, title }) => OUTLOOKS[stage](title),
  since: ({ startedAt }) => clock(startedAt),
  nextUpdate: ({ nextUpdate }) => (nextUpdate === null ? 'none is planned' : clock(nextUpdate)),
};

const TO_INSIDERS: Placeholders = {
  ...TO_OUTSIDERS,
  system: ({ system }) => system,
  environment: ({ environment }) => environment,
  level: ({ level }) => level,
  severity: ({ severity }) => severity,
  headline: ({ headline }) => headline,
  message: ({ message }) => message,
  known: ({ known }) => known,
  doing: ({ doing }) => doing,
  commander: ({ commander }) => commander,
};

export type Audience = keyof Communication['templates'];

const PLACEHOLDERS: Record<Audience, Placeholders> = { inside: TO_INSIDERS, outside: TO_OUTSIDERS };

/** The placeholders that a template for these people may use. */
export const placeholders = (audience: Audience) => Object.keys(PLACEHOLDERS[audience]);

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

/** The placeholders that a text uses. */
export const placeholdersIn = (text: string) => [...text.matchAll(PLACEHOLDER)].map(([, name]) => name as string);

/** A message for these people. Drills say so first, to everybody. */
export function compose(template: Template, audience: Audience, news: News): { subject: string; text: string } {
  const fill = (text: string) =>
    text.replace(PLACEHOLDER, (whole, name: string) => PLACEHOLDERS[audience][name]?.(news) ?? whole);
  const drill = news.mode === 'drill' ? 'DRILL ' : '';
  return { subject: `${drill}${fill(template.subject)}`, text: fill(template.text) };
}

/** `2026-11-21 07:30 UTC`. */
const clock = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
