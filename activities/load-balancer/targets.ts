/** An instance or an address behind a load balancer. */
export interface Target {
  id: string;
  port: number;
}

/** A target as the load balancer sees it. */
export interface TargetHealth extends Target {
  state: string;
  /** Why it is not healthy, in the vendor's word. */
  reason?: string | undefined;
}

/** `10.0.1.5:8080`, which also tells two targets apart. */
export function nameOf({ id, port }: Target): string {
  return `${id}:${port}`;
}

/** Those of `targets` that are not among `others`. */
export function without<T extends Target>(targets: readonly T[], others: readonly Target[]): T[] {
  const names = new Set(others.map(nameOf));
  return targets.filter((target) => !names.has(nameOf(target)));
}

/** Those of `targets` that are among `others`. */
export function among<T extends Target>(targets: readonly T[], others: readonly Target[]): T[] {
  return without(targets, without(targets, others));
}

/** Targets that are registered: a draining one is on its way out and must be registered anew. */
export function registered(healths: readonly TargetHealth[]): TargetHealth[] {
  return healths.filter(({ state }) => state !== 'draining');
}

/** Names, or `none`. */
export function listed(targets: readonly Target[]): string {
  return targets.length === 0 ? 'none' : targets.map(nameOf).join(', ');
}

/** `10.0.1.5:8080 unhealthy (Target.Timeout)`, for each of `wanted`. */
export function healthText(wanted: readonly Target[], healths: readonly TargetHealth[]): string {
  const seen = new Map(healths.map((health) => [nameOf(health), health]));
  const one = (target: Target) => {
    const { state = 'not registered', reason } = seen.get(nameOf(target)) ?? {};
    return `${nameOf(target)} ${state}${reason === undefined ? '' : ` (${reason})`}`;
  };
  return wanted.map(one).join(', ');
}
