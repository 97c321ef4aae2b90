-- Times are milliseconds since 1970 in UTC. Text columns named *_json hold one JSON document.

create table link_sessions (
  reference text primary key not null,
  user_id text not null,
  created_at integer not null,
  expires_at integer not null,
  consent_json text,
  -- The account that came of it; null while the session is unused.
  account_id text
) strict;

create index link_sessions_by_expiry on link_sessions (expires_at);

-- Codes are kept as SHA-256 only.
create table exchanges (
  code_hash blob primary key not null,
  user_id text not null,
  reference text not null,
  started_at integer not null,
  -- Null while the outcome is not known.
  account_id text
) strict;

create index exchanges_by_start on exchanges (started_at);

create table accounts (
  id text primary key not null,
  user_id text not null,
  version integer not null,
  -- Personal data, apart from the rest, so that it can be encrypted as one.
  profile_json text not null,
  state_json text not null,
  reference text not null,
  consent_json text,
  duplicate_of text,
  linked_at integer not null,
  updated_at integer not null,
  -- When Mono was last asked about the status; null if never.
  checked_at integer
) strict;

create index accounts_by_user on accounts (user_id, linked_at, id);
