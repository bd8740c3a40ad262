import { missingRoles } from '../coverage.ts';
import { type Findings, finding, repeated } from '../finding.ts';
import type { Path } from '../problem.ts';
import { publicKeyProblem } from '../public-key.ts';
import type { Authority, Environment } from '../schema.ts';
import { suggestion } from '../suggest.ts';

interface People {
  /** Roles that approvers hold. */
  held: string[];
  /** Roles that a notification reaches. */
  told: string[];
}

/** Enough different people hold the roles that decide, and everybody who must be told can be. */
export function* checkPeople({ approvers, notifications, mode }: Environment, authority: Authority): Findings {
  const people: People = {
    held: approvers.flatMap(({ roles }) => roles),
    told: notifications.flatMap(({ roles }) => roles),
  };
  yield* checkApprovers(approvers);
  const here = [...authority.rules.entries()].filter(([, rule]) => rule.mode === undefined || rule.mode === mode);
  for (const [index, rule] of here) {
    const missing = missingRoles(rule.require, approvers);
    if (missing.length > 0) yield uncovered(rule, missing, people);
    yield* checkTold(rule.notify?.roles ?? [], `authority rule ${index + 1} notifies`, people);
  }
  yield* checkTold([...new Set(here.flatMap(([, { require }]) => require))], 'a gate asks', people);
  yield* checkTold(authority.escalate, 'an escalation goes to', people);
  yield* checkAbort(authority.abort, people);
}

function uncovered({ when, scenarios, require }: Authority['rules'][number], missing: string[], { held }: People) {
  const rule = scenarios === undefined ? when : `${when}, for ${scenarios.join(' and ')},`;
  const message = `nobody is left to approve as ${missing.join(' and ')}: ${rule} asks for ${require.join(' and ')}`;
  const hint = missing.every((role) => held.includes(role))
    ? 'each role must be given by a different person: add an approver'
    : `add an approver with the role; ${suggestion(missing[0] ?? '', held)}`;
  return finding(['approvers'], message, hint);
}

function* checkTold(roles: readonly string[], what: string, { told }: People): Findings {
  for (const role of roles) {
    if (told.includes(role)) continue;
    yield finding(['notifications'], `${what} ${role}, and no notification reaches that role`, suggestion(role, told));
  }
}

function* checkAbort(roles: readonly string[], { held, told }: People): Findings {
  if (!roles.some((role) => held.includes(role))) {
    yield finding(['approvers'], `nobody may abort: no approver is ${roles.join(' or ')}`, 'give an approver the role');
  }
  const known = [...held, ...told];
  for (const role of roles.filter((each) => !known.includes(each))) {
    yield finding(['approvers'], `${role} may abort, and nobody holds that role`, suggestion(role, known));
  }
}

const keyBody = (key: string) => key.split(/\s+/)[1] ?? key;

function* checkApprovers(approvers: Environment['approvers']): Findings {
  for (const { index, key } of repeated(approvers, ({ identity }) => identity)) {
    const path: Path = ['approvers', index, 'identity'];
    yield finding(path, `"${key}" is listed already`, 'put all roles and keys of a person in one entry');
  }
  const keys = approvers.flatMap((approver, index) =>
    approver.keys.map((key, at) => ({ index, at, body: keyBody(key) })),
  );
  for (const [index, approver] of approvers.entries()) {
    for (const [at, key] of approver.keys.entries()) {
      const problem = publicKeyProblem(key);
      if (problem === null) continue;
      const hint = 'paste the whole line of the .pub file';
      yield finding(['approvers', index, 'keys', at], `no signature could be verified with this key: ${problem}`, hint);
    }
  }
  for (const { index } of repeated(keys, ({ body }) => body)) {
    const path: Path = ['approvers', keys[index]?.index ?? 0, 'keys', keys[index]?.at ?? 0];
    yield finding(path, 'this key is listed already: one key is one person', 'take it out of one of the two');
  }
}
