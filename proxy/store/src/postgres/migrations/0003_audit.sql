-- What the site's own back end did with its keys.
create table audit (
  number bigint generated always as identity primary key,
  at bigint not null,
  key_name text not null,
  action text not null,
  account_id text collate "C",
  user_id text collate "C",
  -- Null before something that changes anything begins.
  status integer,
  request_id text not null
);

create index audit_by_user on audit (user_id) where user_id is not null;

-- Entries are added, never changed and never removed.
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end
$$;

create trigger audit_is_never_changed before update or delete or truncate on audit
  for each statement execute function audit_is_append_only();

-- Everything of one user.
create index link_sessions_by_user on link_sessions (user_id);
create index exchanges_by_user on exchanges (user_id);
create index jobs_by_user on jobs (user_id);
