import { REQUIRED_PARAMETERS } from '../../../plan/promotable.ts';

/** An SQL expression: the settings that a standby needs at least as high as its primary has them, as JSON by name. */
export const PARAMETERS_SQL = `(select json_object_agg(name, setting::int) from pg_settings
      where name in ('${REQUIRED_PARAMETERS.join("', '")}'))`;

/** An SQL expression, of a standby: does a session hold replay up? Seen from within a promotion, too. */
export const CONFLICT_SQL = `exists (select from pg_stat_activity where backend_type = 'startup'
      and (wait_event like 'RecoveryConflict%' or wait_event_type in ('Lock', 'BufferPin')))`;
