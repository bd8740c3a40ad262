import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { quoted, secretFile } from '../shell.ts';
import type { Recorded } from '../standing.ts';

type Step = HandStep<'nats'>;

/** As captureStream records it. */
interface State {
  mirror: { name: string } | null;
  subjects: string[];
  lastSequence: number;
}

function nats(step: Step, region: string, command: string): string {
  const { servers } = wiredIn(step, region);
  const { credentialsSecret } = step.shared;
  const creds = credentialsSecret === undefined ? '' : ` --creds ${secretFile(credentialsSecret)}`;
  return `nats --server ${quoted(servers.map((server) => `nats://${server}`).join(','))}${creds} ${command}`;
}

/** Reads a stream's configuration, edits it, and writes it back. */
const edit = (step: Step, region: string, stream: string, program: string) =>
  [
    `${nats(step, region, `stream info ${quoted(stream)} --json`)} | jq ${quoted(`.config | ${program}`)} > stream.json &&`,
    nats(step, region, `stream edit ${quoted(stream)} --config stream.json --force`),
  ].join('\n');

function promote(step: Step): Instruction[] {
  const { to, from, shared, recorded } = step;
  const { mirror, subjects } = shared;
  const was = (recorded?.state as State | undefined)?.mirror?.name ?? shared.stream;
  return [
    {
      say: `\`${mirror}\` in ${to} mirrors \`${was}\` in ${from}. Look at it; without \`mirror\` and with subjects ${subjects.join(', ')} it is promoted already.`,
      run: nats(step, to, `stream info ${quoted(mirror)}`),
    },
    {
      say: `Turn it into the stream that takes **${subjects.join(', ')}** (NATS 2.12 and later). It cannot be made a mirror again.`,
      run: edit(step, to, mirror, `del(.mirror) | .subjects = ${JSON.stringify(subjects)}`),
    },
  ];
}

/** NATS makes no mirror of a stream that has messages, so what is in the way is for people to judge. */
function mirrorInto(step: Step, region: string, source: string): Instruction[] {
  const { stream, mirror } = step.shared;
  const { domain } = wiredIn(step, source);
  const external = domain === undefined ? {} : { external: { api: `$JS.${domain}.API` } };
  const config = (of: string) =>
    JSON.stringify({ name: mirror, storage: 'file', retention: 'limits', mirror: { name: of, ...external } });
  return [
    {
      say: `Which of \`${stream}\` and \`${mirror}\` takes the subjects in ${source}, and what is in ${region}? A \`${mirror}\` there that holds messages which ${source} does not have must be kept: move them first, or leave this step out. The stream works without its mirror.`,
      run: [nats(step, source, 'stream ls'), nats(step, region, 'stream ls')].join('\n'),
    },
    {
      say: `Mirror it into ${region} (as it is written: \`${mirror}\` is the source; else put \`${stream}\`).`,
      run: `echo ${quoted(config(mirror))} > stream.json &&\n${nats(step, region, `stream add ${quoted(mirror)} --config stream.json`)}`,
    },
  ];
}

function putBack(step: Step, { state }: Recorded): Instruction[] {
  const { mirror: name } = step.shared;
  const { mirror, subjects, lastSequence } = state as State;
  if (mirror === null) {
    const say = `Let \`${name}\` in ${step.to} take ${subjects.join(', ')} again.`;
    return [{ say, run: edit(step, step.to, name, `.subjects = ${JSON.stringify(subjects)}`) }];
  }
  return [
    {
      say: `\`${name}\` in ${step.to} mirrored \`${mirror.name}\`, and NATS cannot make it a mirror again: let it take nothing more. What it holds after sequence ${lastSequence} is only there: move it to \`${mirror.name}\`, then delete \`${name}\` and create the mirror anew.`,
      run: edit(step, step.to, name, `.subjects = ${JSON.stringify([name])}`),
    },
  ];
}

export const natsStream: ByHand<'nats'> = {
  tools: ['nats', 'jq'],
  actions: {
    'promote-stream': promote,
    'mirror-stream': (step) => mirrorInto(step, step.to, step.from),
    'mirror-stream-back': (step) => mirrorInto(step, step.from, step.to),
  },
  putBack,
};
