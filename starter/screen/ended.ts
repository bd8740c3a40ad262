import { Outcome } from '../../plan/report.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';

/** Has the recovery ended, well or badly? */
export const hasEnded = ({ state }: Pick<RecoveryStatus, 'state'>): boolean => Outcome.safeParse(state).success;
