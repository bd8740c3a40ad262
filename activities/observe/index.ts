import type { RegionFacts, VantageFacts } from '../../plan/facts.ts';
import { componentsOf, type RecoveryPlan, type WiredComponent } from '../../plan/recovery-plan.ts';
import type { Activities, ObserveRequest } from '../contract.ts';
import { eyes } from '../database/postgres-streaming/eyes.ts';
import type { DatabaseEyes, DatabaseFacts, LeaseFacts } from '../database/provider.ts';
import type { Deps } from '../deps.ts';
import { askTwice } from './ask-twice.ts';
import { componentFacts, sharedFacts } from './components.ts';
import { measures } from './measures.ts';
import { serviceFacts } from './service-endpoint.ts';
import { servingRegions } from './serving-regions.ts';

/** Providers of databases that can be looked at. */
const EYES: Record<string, DatabaseEyes> = { 'postgres-streaming': eyes };

/** `observe`: what can be seen of both regions from where the worker runs. It changes nothing. */
export function observeActivities(deps: Deps): Pick<Activities, 'observe'> {
  return { observe: (request) => observe(request, deps) };
}

async function observe({ plan, vantage }: ObserveRequest, deps: Deps): Promise<VantageFacts> {
  const { primary, standby } = plan.regions;
  const [database] = componentsOf(plan, 'database');
  // None of these throws, so none goes on after the activity has ended.
  const [atPrimary, atStandby, serving, seen, components, measured] = await Promise.all([
    regionFacts(plan, primary, database, deps),
    regionFacts(plan, standby, database, deps),
    servingRegions(plan),
    leaseFacts(database, primary),
    sharedFacts(plan),
    measures(plan),
  ]);
  const regions = [{ ...atPrimary, remarks: [...atPrimary.remarks, ...seen.remarks] }, atStandby];
  const observedAt = new Date().toISOString();
  return { vantage, observedAt, regions, servingRegions: serving, lease: seen.lease, components, measures: measured };
}

async function regionFacts(
  plan: RecoveryPlan,
  region: string,
  component: WiredComponent | undefined,
  deps: Deps,
): Promise<RegionFacts> {
  const [service, database, components] = await Promise.all([
    askTwice(
      () => serviceFacts(plan, region),
      ({ serviceReachable }) => serviceReachable,
    ),
    askTwice(
      () => databaseFacts(component, region, deps),
      ({ databaseReachable }) => databaseReachable,
    ),
    componentFacts(plan, region, deps),
  ]);
  return { region, ...database, ...service, remarks: [...service.remarks, ...database.remarks], components };
}

function databaseFacts(component: WiredComponent | undefined, region: string, deps: Deps): Promise<DatabaseFacts> {
  const look = component && EYES[component.provider];
  if (component && look) return look.databaseFacts(component, region, deps);
  const unseen = { databaseReachable: null, databaseRole: null, timeline: null, walPosition: null };
  const remarks = [`nobody here can look at the database in ${region}`];
  return Promise.resolve({ ...unseen, replayAgeSeconds: null, remarks });
}

function leaseFacts(component: WiredComponent | undefined, region: string): Promise<LeaseFacts> {
  const look = component && EYES[component.provider];
  return component && look ? look.leaseFacts(component, region) : Promise.resolve({ lease: null, remarks: [] });
}
