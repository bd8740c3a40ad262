import type { Path, Problem } from '../problem.ts';
import { eachScalar, type Source } from '../source.ts';

/** What secrets look like, whatever the key they stand at. */
const SHAPES: readonly { what: string; shape: RegExp }[] = [
  { what: 'a private key', shape: /-----BEGIN [A-Z ]*PRIVATE KEY/ },
  { what: 'an AWS access key', shape: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a GitHub token', shape: /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/ },
  { what: 'a Slack token', shape: /\bxox[abposr]-[A-Za-z0-9-]{10,}/ },
  { what: 'a JSON Web Token', shape: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/ },
  { what: 'the URL of a Slack webhook', shape: /\bhooks\.slack\.com\/(services|workflows|triggers)\/\w/ },
  {
    what: 'a token in a URL',
    shape: /[?&](access_token|api_?key|auth|key|password|secret|sig|signature|token)=[^&\s]/i,
  },
  { what: 'a password in a URL', shape: /:\/\/[^\s/:@]*:[^\s/@]+@/ },
];

/** Keys that hold secrets; those that end in `Secret` hold the names of secrets. */
const SECRET_KEY =
  /(password|passwd|passphrase|token|api-?key|routing-?key|integration-?key|secret-?key|access-?key|credentials?)$/i;

/** Is a value at this path better not repeated in a message? */
export function isSecretPath(path: Path): boolean {
  const key = keyOf(path);
  return SECRET_KEY.test(key) || key.endsWith('Secret');
}

/** Tokens and keys as they are made up by machines, which pass for names: 32 hexadecimal digits, or a word of letters and digits. */
const MACHINE_MADE = /^([0-9a-f]{32,}|(?=.*\d)(?=.*[a-z])[a-z0-9]{20,})$/;

const keyOf = (path: Path): string => path.findLast((part) => typeof part === 'string') ?? '';

function secretIn(path: Path, value: string): string | null {
  const shape = SHAPES.find((each) => each.shape.test(value));
  if (shape !== undefined) return shape.what;
  const key = keyOf(path);
  if (key.endsWith('Secret') && MACHINE_MADE.test(value)) return 'a secret in place of its name';
  return SECRET_KEY.test(key) && value !== '' ? `a secret at "${key}"` : null;
}

/** Values that look like secrets. They are never repeated in the problem. */
export function findSecrets(source: Source): Problem[] {
  const problems: Problem[] = [];
  eachScalar(source, (path, { value }) => {
    const what = typeof value === 'string' ? secretIn(path, value) : null;
    if (what === null) return;
    const hint = 'give it to the worker as a secret and write only its name, at a key such as "passwordSecret"';
    problems.push(source.problem(path, `looks like ${what}`, hint));
  });
  return problems;
}

/** One word may be a password as well as the name of a secret: names usually have a folder. */
export function findDoubtfulNames(source: Source): Problem[] {
  const problems: Problem[] = [];
  eachScalar(source, (path, { value }) => {
    if (typeof value !== 'string' || !keyOf(path).endsWith('Secret')) return;
    if (!/^[a-z0-9]+$/.test(value) || MACHINE_MADE.test(value)) return;
    const hint = 'write the name of the secret, such as "shop/postgres"; if this is the secret itself, change it';
    problems.push(source.problem(path, 'may be a secret in place of its name', hint, 'warning'));
  });
  return problems;
}
