-- Events for the site's own back end that are not delivered yet.
create table outbox (
  number bigint generated always as identity primary key,
  -- By which the back end knows an event again.
  id text collate "C" not null unique,
  kind text not null,
  user_id text collate "C" not null,
  account_id text collate "C" not null,
  -- Personal data: the account as it was.
  account_json text not null,
  made_at bigint not null,
  attempts bigint not null default 0,
  -- When it may be sent; null once it is given up.
  due_at bigint,
  failure text
);

create index outbox_by_due on outbox (due_at, number) where due_at is not null;
create index outbox_by_account on outbox (account_id, number);
create index outbox_by_user on outbox (user_id);
create index outbox_by_time on outbox (made_at);

-- Whether a login is required.
alter table accounts add column requires_reauth boolean not null default false;
-- When its user's back end was last reminded of that.
alter table accounts add column reminded_at bigint;
-- When anything was last fetched, or when it was linked.
alter table accounts add column fetched_at bigint not null default 0;
-- For which of these times it was told that nothing came after it.
alter table accounts add column stale_told_for bigint;

update accounts set
  requires_reauth =
    coalesce(json_array_length(state_json::json #> '{authorisation,asks}'), 0) > 0,
  fetched_at = updated_at;

create index accounts_by_reauth on accounts (reminded_at) where requires_reauth;
create index accounts_by_fetch on accounts (fetched_at);
