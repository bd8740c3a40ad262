import { Context } from '@temporalio/activity';
import type { Activities } from '../contract.ts';
import { lastRecovery } from './last-recovery.ts';
import { isOwnRun } from './origin.ts';

/** What workflows ask Temporal about the workflows before them. */
export function incidentActivities(): Pick<Activities, 'lastRecovery' | 'isOwnRun'> {
  return {
    lastRecovery: (request) => lastRecovery(Context.current().client, request),
    isOwnRun: (request) => isOwnRun(Context.current().client, request),
  };
}
