import { createColors } from 'picocolors';
import type { PhaseStatus, RecoveryStatus } from '../../workflows/recovery/messages.ts';

/** Colours by meaning, not by name. */
export interface Paint {
  strong(text: string): string;
  quiet(text: string): string;
  bad(text: string): string;
  recovery(state: RecoveryStatus['state'], text: string): string;
  phase(state: PhaseStatus['state'], text: string): string;
}

/** Paints with ANSI colours, or leaves text as it is. */
export function painter(color: boolean): Paint {
  const { bold, dim, red, green, yellow, cyan } = createColors(color);
  const recovery = {
    running: cyan,
    waiting: yellow,
    paused: red,
    'rolling-back': yellow,
    recovered: green,
    'rolled-back': yellow,
    aborted: yellow,
    refused: yellow,
    failed: red,
  } satisfies Record<RecoveryStatus['state'], unknown>;
  const phase = {
    waiting: dim,
    'not-started': dim,
    running: cyan,
    paused: red,
    done: green,
    skipped: yellow,
    failed: red,
    cancelled: dim,
  } satisfies Record<PhaseStatus['state'], unknown>;
  return {
    strong: bold,
    quiet: dim,
    bad: red,
    recovery: (state, text) => recovery[state](text),
    phase: (state, text) => phase[state](text),
  };
}
