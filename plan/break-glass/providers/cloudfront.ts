import type { ByHand, HandStep, Instruction } from '../instruction.ts';
import { aws, lines, quoted } from '../shell.ts';

/** The caller reference is Lifeboat's own, so that the same request is made once, whoever makes it. */
function invalidate({ shared, recovery, component }: HandStep<'cloudfront'>): Instruction[] {
  const { distribution, paths } = shared;
  const batch = {
    CallerReference: `${recovery.workflowId}/${recovery.runId}/${component}`,
    Paths: { Quantity: paths.length, Items: paths },
  };
  return [
    {
      say: `Throw away what distribution \`${distribution}\` remembers of ${paths.map((path) => `\`${path}\``).join(', ')}. Skipping is safe once cached answers have expired.`,
      run: lines(
        `${aws('cloudfront create-invalidation', shared.aws)} --distribution-id ${quoted(distribution)}`,
        `--invalidation-batch ${quoted(JSON.stringify(batch))}`,
      ),
    },
    {
      say: 'It goes on by itself; nothing waits for it.',
      run: `${aws('cloudfront list-invalidations', shared.aws)} --distribution-id ${quoted(distribution)}`,
    },
  ];
}

export const cloudfront: ByHand<'cloudfront'> = { tools: ['aws'], actions: { 'invalidate-cdn': invalidate } };
