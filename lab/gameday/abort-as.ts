import { join } from 'node:path';
import { decide } from '../../starter/decide.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { patience } from './patience.ts';
import type { Stage } from './row.ts';

/**
 * The VP signs it, who may abort; the on-call SRE may not. Refused once it is on its way back: the status that is shown may be a moment old.
 */
export async function abortAs(
  { lab, client, plan, screen }: Stage,
  status: RecoveryStatus,
  reason: string,
): Promise<void> {
  const keyFile = join(lab.folder, 'keys', 'vp-engineering');
  const order = { verb: 'abort' as const, target: 'recovery', reason, keyFile };
  const verdict = await patience()(() => decide(client, plan, status, order));
  screen.note(`abort ${verdict?.accepted ? 'accepted' : 'refused'}: ${verdict?.detail ?? 'no answer'}`);
}
