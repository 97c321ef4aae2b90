-- A code may be exchanged once for an account that an event linked before.
alter table link_sessions add column exchanged integer not null default 0;

-- When Mono was last asked to confirm an event.
alter table accounts add column confirmed_at integer;
-- When Mono is asked next whether the data has come; null once it has.
alter table accounts add column next_check_at integer;

create index accounts_by_next_check on accounts (next_check_at) where next_check_at is not null;

-- Events of Mono's, as they came.
create table inbox (
  id integer primary key autoincrement,
  -- 'id:' and Mono's event_id, or 'sha256:' and the digest of the body.
  event_key text not null,
  name text not null,
  body blob not null,
  received_at integer not null,
  attempts integer not null default 0,
  -- When it may be worked on; null once it is done, and while it waits for something.
  due_at integer,
  -- What it waits for; null while it waits for nothing.
  waits_for_account text,
  waits_for_job text,
  done_at integer
) strict;

create index inbox_by_key on inbox (event_key, received_at);
create index inbox_by_due on inbox (due_at, id) where due_at is not null;
create index inbox_by_account on inbox (waits_for_account) where waits_for_account is not null;
create index inbox_by_job on inbox (waits_for_job) where waits_for_job is not null;

-- What changed for whom: what live events are made of.
create table changes (
  number integer primary key autoincrement,
  user_id text not null,
  account_id text not null,
  -- 'account', 'job' or 'removed'.
  what text not null,
  job_id text
) strict;

create index changes_by_user on changes (user_id, number);

create table jobs (
  id text primary key not null,
  account_id text not null,
  user_id text not null,
  name text,
  status text not null,
  reauth_required integer,
  started_at integer not null,
  updated_at integer not null,
  -- When Mono is asked about it next; null once it has ended.
  next_check_at integer
) strict;

create index jobs_by_account on jobs (account_id);
create index jobs_by_next_check on jobs (next_check_at) where next_check_at is not null;
