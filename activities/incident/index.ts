import { Context } from '@temporalio/activity';
import type { Activities } from '../contract.ts';
import { lastRecovery } from './last-recovery.ts';

/** What incidents want to know of the workflows before them. */
export function incidentActivities(): Pick<Activities, 'lastRecovery'> {
  return { lastRecovery: (request) => lastRecovery(Context.current().client, request) };
}
