-- What the site's own back end did with its keys.
create table audit (
  number integer primary key autoincrement,
  at integer not null,
  key_name text not null,
  action text not null,
  account_id text,
  user_id text,
  -- Null before something that changes anything begins.
  status integer,
  request_id text not null
) strict;

create index audit_by_user on audit (user_id) where user_id is not null;

-- Entries are added, never changed and never removed.
create trigger audit_is_never_changed before update on audit begin
  select raise(abort, 'the audit log is append-only');
end;

create trigger audit_is_never_removed before delete on audit begin
  select raise(abort, 'the audit log is append-only');
end;

-- Everything of one user.
create index link_sessions_by_user on link_sessions (user_id);
create index exchanges_by_user on exchanges (user_id);
create index jobs_by_user on jobs (user_id);
