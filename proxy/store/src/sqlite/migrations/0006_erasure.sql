-- That an account was erased, so that what Mono tells of it later is not kept waiting for it.
create table erased_accounts (
  id text primary key not null,
  at integer not null
) strict;

create index erased_accounts_by_time on erased_accounts (at);

-- Which account an event names; null where it names none.
alter table inbox add column account_id text;

create index inbox_by_named_account on inbox (account_id) where account_id is not null;

-- When Mono was last asked about an analysis whose end no event has told.
alter table accounts add column income_checked_at integer;

-- What names an account is erased with it.
create index link_sessions_by_account on link_sessions (account_id) where account_id is not null;
create index exchanges_by_account on exchanges (account_id) where account_id is not null;
create index exchanges_by_reference on exchanges (reference);
create index changes_by_account on changes (account_id);
create index accounts_by_duplicate on accounts (duplicate_of) where duplicate_of is not null;
