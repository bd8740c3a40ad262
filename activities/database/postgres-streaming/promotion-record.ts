import type { PromotionResult, RecoveryRef } from '../../contract.ts';
import type { Ask } from './connection.ts';

/** What a recovery's promotion measured, kept in the promoted database; null when this recovery promoted nothing here. */
export async function promotionOf(ask: Ask, recovery: RecoveryRef): Promise<PromotionResult | null> {
  const rows = await ask<{ result: PromotionResult }>(
    'select result from lifeboat.promotions where epoch = $1 and recovery = $2',
    [recovery.epoch, nameOf(recovery)],
  );
  return rows[0]?.result ?? null;
}

/** Writes down what was measured, unless another attempt has; answers what is written. */
export async function recorded(ask: Ask, recovery: RecoveryRef, result: PromotionResult): Promise<PromotionResult> {
  await ask('insert into lifeboat.promotions (epoch, recovery, result) values ($1, $2, $3) on conflict do nothing', [
    recovery.epoch,
    nameOf(recovery),
    JSON.stringify(result),
  ]);
  return (await promotionOf(ask, recovery)) ?? result;
}

function nameOf({ workflowId, runId }: RecoveryRef): string {
  return `${workflowId}/${runId}`;
}
