-- Times are milliseconds since 1970 in UTC. Text columns named *_json hold one JSON document.
-- Identifiers are ordered by their bytes, whatever the database's language is.

create table link_sessions (
  reference text collate "C" primary key,
  user_id text collate "C" not null,
  created_at bigint not null,
  expires_at bigint not null,
  consent_json text,
  -- The account that came of it; null while the session is unused.
  account_id text collate "C",
  -- A code may be exchanged once for an account that an event linked before.
  exchanged boolean not null default false
);

create index link_sessions_by_expiry on link_sessions (expires_at);

-- Codes are kept as SHA-256 only.
create table exchanges (
  code_hash bytea primary key,
  user_id text collate "C" not null,
  reference text collate "C" not null,
  started_at bigint not null,
  -- Null while the outcome is not known.
  account_id text collate "C"
);

create index exchanges_by_start on exchanges (started_at);

create table accounts (
  id text collate "C" primary key,
  user_id text collate "C" not null,
  version bigint not null,
  -- Personal data, apart from the rest, so that it can be encrypted as one.
  profile_json text not null,
  state_json text not null,
  reference text collate "C" not null,
  consent_json text,
  duplicate_of text collate "C",
  linked_at bigint not null,
  updated_at bigint not null,
  -- When Mono was last asked about the status; null if never.
  checked_at bigint,
  -- When Mono was last asked to confirm an event.
  confirmed_at bigint,
  -- When Mono is asked next whether the data has come; null once it has.
  next_check_at bigint,
  -- The last scheduled run that this account was part of.
  scheduled_at bigint,
  -- Until when it is being synced by a scheduled run; null while it is not.
  scheduled_until bigint
);

create index accounts_by_user on accounts (user_id, linked_at, id);
create index accounts_by_next_check on accounts (next_check_at) where next_check_at is not null;

-- Events of Mono's, as they came.
create table inbox (
  id bigint generated always as identity primary key,
  -- SHA-256 of what the event is known again by: an index takes no text of any length. Null once
  -- another event with the same content has taken its place.
  event_key bytea unique,
  name text not null,
  body bytea not null,
  received_at bigint not null,
  attempts bigint not null default 0,
  -- When it may be worked on; null once it is done, and while it waits for something.
  due_at bigint,
  -- What it waits for; null while it waits for nothing.
  waits_for_account text collate "C",
  waits_for_job text collate "C",
  done_at bigint
);

create index inbox_by_due on inbox (due_at, id) where due_at is not null;
create index inbox_by_end on inbox (done_at) where done_at is not null;
create index inbox_by_wait on inbox (received_at) where due_at is null and done_at is null;
create index inbox_by_account on inbox (waits_for_account) where waits_for_account is not null;
create index inbox_by_job on inbox (waits_for_job) where waits_for_job is not null;

-- Numbers the processes that ever worked on this database.
create sequence processes;

-- What changed for whom: what live events are made of.
create table changes (
  number bigint generated always as identity primary key,
  -- The process that wrote it.
  process bigint not null,
  user_id text collate "C" not null,
  account_id text collate "C" not null,
  -- 'account', 'job' or 'removed'.
  what text not null,
  job_id text collate "C",
  -- How long it is kept counts from there.
  made_at bigint not null
);

create index changes_by_user on changes (user_id, number);

create table jobs (
  id text collate "C" primary key,
  account_id text collate "C" not null,
  user_id text collate "C" not null,
  name text,
  status text not null,
  reauth_required boolean,
  started_at bigint not null,
  updated_at bigint not null,
  -- When Mono is asked about it next; null once it has ended.
  next_check_at bigint
);

create index jobs_by_account on jobs (account_id);
create index jobs_by_next_check on jobs (next_check_at) where next_check_at is not null;
create index jobs_by_end on jobs (updated_at) where next_check_at is null;

-- Whose each PDF is that Mono was asked to build.
create table statement_pdfs (
  account_id text collate "C" not null references accounts (id) on delete cascade,
  job_id text collate "C" not null,
  started_at bigint not null,
  primary key (account_id, job_id)
);

create index statement_pdfs_by_start on statement_pdfs (started_at);
