import { REQUIRED_PARAMETERS } from '../../../plan/promotable.ts';

/** An SQL expression: the settings that a standby needs at least as high as its primary has them, as JSON by name. */
export const PARAMETERS_SQL = `(select json_object_agg(name, setting::int) from pg_settings
      where name in ('${REQUIRED_PARAMETERS.join("', '")}'))`;

/** Of each kind, so many are told; names are short by themselves, and a prepared transaction's is cut. */
const TOLD = 20;

/** An SQL expression, of a primary: `NotReplicated` as JSON. From PostgreSQL 17 on, failover slots are synchronized. Tables are those of the session's database. */
export const NOT_REPLICATED_SQL = `json_build_object(
      'logicalSlots', coalesce((select json_agg(slot) from (
        select slot_name as name, plugin, "database", confirmed_flush_lsn::text as confirmed
        from pg_replication_slots as one where slot_type = 'logical' and not temporary
          and to_jsonb(one) ->> 'failover' is distinct from 'true'
        order by slot_name limit ${TOLD}) as slot), '[]'),
      'preparedTransactions', coalesce((select json_agg(transaction) from (
        select left(gid, 64) as gid, owner from pg_prepared_xacts order by prepared limit ${TOLD}) as transaction), '[]'),
      'unloggedTables', coalesce((select json_agg(name) from (
        select c.oid::regclass::text as name from pg_class as c
        where c.relpersistence = 'u' and c.relkind = 'r' order by 1 limit ${TOLD}) as unlogged), '[]'))`;

/** An SQL expression, of a standby: does a session hold replay up? Seen from within a promotion, too. */
export const CONFLICT_SQL = `exists (select from pg_stat_activity where backend_type = 'startup'
      and (wait_event like 'RecoveryConflict%' or wait_event_type in ('Lock', 'BufferPin')))`;
