import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicKeyProblem } from '../../../plan/public-key.ts';

const GOOD = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGK93tKvHXkmYVWSaQZqaIlFZhoRLP3aPfhaZr+QQKFR sre';
const BODY = GOOD.split(' ')[1] ?? '';

test.each([
  ['ed25519', '256'],
  ['rsa', '2048'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
])('a key that ssh-keygen makes is one: %s with %s bits', (type, bits) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-key-'));
  try {
    const file = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-C', 'a comment', '-f', file]);
    expect(publicKeyProblem(readFileSync(`${file}.pub`, 'utf8'))).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['a word in place of the key', 'ssh-ed25519 hello', /no base64/],
  ['a key that is cut short', `ssh-ed25519 ${BODY.slice(0, -8)}`, /cut short/],
  ['a type that does not exist', `ssh-ed25518 ${BODY}`, /"ssh-ed25518" is no type/],
  ['a key of another type', `ssh-rsa ${BODY}`, /cut short/],
  ['no base64', `ssh-ed25519 ${BODY.slice(0, -1)}!`, /no base64/],
  ['nothing after the type', 'ssh-ed25519', /no base64/],
])('%s is named', (_, key, problem) => {
  expect(publicKeyProblem(key)).toMatch(problem);
});
