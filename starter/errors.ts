import { EXIT } from './exit-codes.ts';

const EXIT_OF = {
  /** Temporal does not answer. */
  unreachable: EXIT.unreachable,
  /** Temporal answers, and has no such namespace. */
  'namespace-missing': EXIT.unreachable,
  /** Temporal answers, and no worker takes the work. */
  'no-worker': EXIT.unreachable,
  /** There is no such recovery. */
  'nothing-running': EXIT.nothingRunning,
  /** The request makes no sense as it was typed. */
  usage: EXIT.usage,
  /** It was understood, and is not done. */
  refused: EXIT.refused,
  failed: EXIT.refused,
} as const;

export type StarterErrorKind = keyof typeof EXIT_OF;

/** A failure that is told to people as one sentence, without a stack. */
export class StarterError extends Error {
  readonly kind: StarterErrorKind;
  readonly exitCode: number;

  constructor(kind: StarterErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StarterError';
    this.kind = kind;
    this.exitCode = EXIT_OF[kind];
  }
}
