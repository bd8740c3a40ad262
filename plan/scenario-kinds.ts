import type { Facts } from './facts.ts';
import { type FailoverVerdict, judgeFailover } from './judge-failover.ts';
import { judgeFailback, judgeSwitchover } from './judge-move.ts';
import type { Scenario, ScenarioName } from './schema.ts';

/** The way of a recovery. */
interface Way {
  from: string;
  to: string;
}

/** What sets one kind of scenario apart from the others; all else is its phases. */
export interface ScenarioKind {
  /** May it be put to people at all? */
  judge(facts: Facts, scenario: Scenario): FailoverVerdict;
  /** What people are asked before anything is changed. */
  question(way: Way, finding: string): string;
  /** Both sites take part and nothing is lost; otherwise the site that is left may be gone. */
  planned: boolean;
  /** It goes back to where a failover came from. */
  returns: boolean;
}

export const SCENARIO_KINDS: Readonly<Record<ScenarioName, ScenarioKind>> = {
  'region-failover': {
    judge: judgeFailover,
    question: ({ from, to }, finding) => `Fail over from ${from} to ${to}? ${finding}.`,
    planned: false,
    returns: false,
  },
  switchover: {
    judge: judgeSwitchover,
    question: ({ from, to }, finding) =>
      `Move from ${from} to ${to}? Clients wait while the database changes hands. ${sentence(finding)}`,
    planned: true,
    returns: false,
  },
  failback: {
    judge: judgeFailback,
    question: ({ from, to }, finding) =>
      `Return from ${from} to ${to}? Writes that exist only in ${to} (lost in the failover) will be discarded; a copy of its data directory is kept. ${finding}.`,
    planned: true,
    returns: true,
  },
};

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
