import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { quoted, secret } from '../shell.ts';
import { psqlOn } from './postgres-streaming.ts';

type Step = HandStep<'redis'>;

function redis(step: Step, command: string): string {
  const { host, port } = wiredIn(step, step.to);
  const { passwordSecret } = step.shared;
  const password = passwordSecret === undefined ? '' : `REDISCLI_AUTH=${secret(passwordSecret)} `;
  return `${password}redis-cli -h ${quoted(host)} -p ${port}${command === '' ? '' : ` ${command}`}`;
}

/** JSON's escapes are those that redis-cli takes between double quotes. */
const fill = (query: string, ttl: number | undefined) =>
  `select 'SET ' || to_json(key) || ' ' || to_json(value)${ttl === undefined ? '' : ` || ' EX ${ttl}'`} || ' NX' from (${query}) as entries`;

function rebuild(step: Step): Instruction[] {
  const { shared, to, database } = step;
  const { prefix, entries } = shared;
  if (database === undefined) throw new Error('the cache refers to no database');
  return [
    {
      say: `Remove the keys of ${to} that begin with \`${prefix}\`: they come from before, and may be wrong. **Leaving this whole step out is safe**: the cache fills by itself, slowly.`,
      run: `${redis(step, `--scan --pattern ${quoted(`${prefix}*`)}`)} | xargs -r -d '\\n' -n 500 ${redisAgain(step)}`,
    },
    ...entries.map(({ query, ttl }, index) => ({
      say: `Fill it from the database in ${to}${entries.length > 1 ? ` (${index + 1} of ${entries.length})` : ''}. Keys that are there by now stay.`,
      run: `${psqlOn(database, to, fill(query, ttl))} |\n  ${redis(step, '')} | sort | uniq -c`,
    })),
  ];
}

/** Behind xargs there is no shell that would read a variable in front of the command. */
function redisAgain(step: Step): string {
  const command = redis(step, 'unlink');
  return command.startsWith('REDISCLI_AUTH') ? `env ${command}` : command;
}

export const redisCache: ByHand<'redis'> = { tools: ['redis-cli', 'psql'], actions: { 'rebuild-cache': rebuild } };
