-- What Lifeboat needs in the protected database (PostgreSQL 15 and later), with the roles `lifeboat` and `replicator` there already. Run once as
-- a superuser on the primary; replication takes it to the standby.

-- Reads figures and statistics, promotes, ends sessions, and writes only in its own schema.
grant pg_monitor to lifeboat;

grant execute on function pg_catalog.pg_promote(boolean, integer) to lifeboat;

-- A promotion may end sessions that hold it up, where the plan says so; those of superusers never.
grant pg_signal_backend to lifeboat;

-- A region that is to follow the primary again checkpoints it, makes its slot and rewinds itself by what these read.
grant pg_checkpoint to replicator;

grant execute on function pg_catalog.pg_ls_dir(text, boolean, boolean) to replicator;

grant execute on function pg_catalog.pg_stat_file(text, boolean) to replicator;

grant execute on function pg_catalog.pg_read_binary_file(text) to replicator;

grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) to replicator;

create schema if not exists lifeboat;

grant usage on schema lifeboat to lifeboat;

-- Written by the guard of the primary; its age on the standby is how far the standby is behind.
create table if not exists lifeboat.heartbeat (id int primary key check (id = 1), at timestamptz not null);

grant select, insert, update on lifeboat.heartbeat to lifeboat;

-- What was measured at a promotion, for the repetition of the step that promoted.
create table if not exists lifeboat.promotions (
  epoch bigint primary key,
  recovery text not null,
  result jsonb not null
);

grant select, insert on lifeboat.promotions to lifeboat;

