import { type ByHand, type HandStep, type Instruction, wiredIn } from '../instruction.ts';
import { aws, lines, quoted } from '../shell.ts';
import type { Recorded } from '../standing.ts';

type Step = HandStep<'elbv2'>;

interface Target {
  id: string;
  port: number;
}

/** As captureTargets records it. */
interface State {
  targets: Target[];
}

const named = (targets: readonly Target[]) => targets.map(({ id, port }) => `${id}:${port}`).join(', ') || 'none';
const listed = (targets: readonly Target[]) => targets.map(({ id, port }) => `Id=${id},Port=${port}`).join(' ');

/** Everything is done to the target group of the step's `to`. */
function group(step: Step): string {
  const { aws: where, targetGroup } = wiredIn(step, step.to);
  return `GROUP=$(${lines(
    `${aws('elbv2 describe-target-groups', where)} --names ${quoted(targetGroup)}`,
    "--query 'TargetGroups[0].TargetGroupArn' --output text",
  )})`;
}

const on = (step: Step, operation: string, targets: readonly Target[] = []) =>
  `${aws(`elbv2 ${operation}`, wiredIn(step, step.to).aws)} --target-group-arn "$GROUP"${targets.length > 0 ? ` --targets ${listed(targets)}` : ''}`;

const health = (step: Step) => on(step, 'describe-target-health');

function register(step: Step): Instruction[] {
  const { targetGroup, targets } = wiredIn(step, step.to);
  return [
    {
      say: `Target group \`${targetGroup}\` in ${step.to}: register **${named(targets)}**. To register what is registered harms nothing.`,
      run: [group(step), on(step, 'register-targets', targets)].join('\n'),
    },
    { say: 'Wait until each is `healthy`.', run: health(step) },
  ];
}

/** Takes away what the step added and puts back what was there. */
function putBack(step: Step, { state }: Recorded): Instruction[] {
  const { targets: before } = state as State;
  const { targetGroup, targets } = wiredIn(step, step.to);
  const added = targets.filter((target) => !before.some(({ id, port }) => id === target.id && port === target.port));
  return [
    {
      say: `Target group \`${targetGroup}\` in ${step.to} had ${named(before)}. Take ${named(added)} out, put ${named(before)} back.`,
      run: [
        group(step),
        ...(added.length > 0 ? [on(step, 'deregister-targets', added)] : []),
        ...(before.length > 0 ? [on(step, 'register-targets', before)] : []),
        health(step),
      ].join('\n'),
    },
  ];
}

export const elbv2: ByHand<'elbv2'> = { tools: ['aws'], actions: { 'register-targets': register }, putBack };
