import type { SignedDecision, Statement } from '../../../plan/decision.ts';
import { statementText } from '../../../plan/decision.ts';

/** A source of numbers that is the same in every run (a linear congruential generator, constants of Numerical Recipes). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 … sides - 1. */
  roll(sides: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * sides);
  }

  one<T>(list: readonly T[]): T {
    return list[this.roll(list.length)] as T;
  }
}

const LETTERS = [
  ...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789+/=-_.:,;"\\{}[]() \n\r\t\u0000\u00e9\u0435\u200b\ud83d\udd11',
];

/** One change of a text: a character replaced, removed, added, doubled or moved, or the end cut off. */
function edit(text: string, dice: Dice): string {
  const at = dice.roll(text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  switch (dice.roll(6)) {
    case 0:
      return before + dice.one(LETTERS) + after.slice(1);
    case 1:
      return before + after.slice(1);
    case 2:
      return before + dice.one(LETTERS) + after;
    case 3:
      return before + after.slice(0, 1 + dice.roll(40)) + after;
    case 4:
      return after + before;
    default:
      return before;
  }
}

function edited(text: string, times: number, dice: Dice): string {
  let result = text;
  for (let count = 0; count < times; count += 1) result = edit(result, dice);
  return result;
}

/** What an attacker would put in a field, in a statement that is canonical all the same. */
function swapped(statement: Statement, dice: Dice): string {
  const key = dice.one(Object.keys(statement) as (keyof Statement)[]);
  const value = statement[key];
  const others = [
    dice.one(['approve', 'abort', 'skip']),
    'vp@example.com',
    null,
    '9999-12-31T23:59:59.999Z',
    `${value}x`,
  ];
  return statementText({ ...statement, [key]: dice.one(others) } as Statement);
}

/** What mutations are made of, beside the good envelope. */
export interface Material {
  good: SignedDecision;
  statement: Statement;
  /** Signatures of other people, for other purposes, over other statements. */
  signatures: readonly string[];
  /** Envelopes that are signed as they should be, and wrong in what they say. */
  wrong: readonly SignedDecision[];
}

/**
 * Another envelope than the good one. Of a hundred, one or two are canonical statements and armored signatures, which only
 * OpenSSH and the rules of decisions can tell, each by a process or two; the others are no statements any more.
 */
export function mutated({ good, statement, signatures, wrong }: Material, dice: Dice): SignedDecision {
  const { statement: text, signature } = good;
  const kind = dice.roll(1_000);
  if (kind < 4) return { statement: text, signature: edited(signature, 1 + dice.roll(3), dice) };
  if (kind < 7) return { statement: text, signature: dice.one(signatures) };
  if (kind < 10) return dice.one(wrong);
  if (kind < 14) return { statement: swapped(statement, dice), signature: dice.one([signature, ...signatures]) };
  if (kind < 24) return { statement: edited(text, 1, dice), signature };
  return { statement: edited(text, 3 + dice.roll(5), dice), signature };
}
