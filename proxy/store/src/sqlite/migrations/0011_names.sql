-- Which attempt to link an event names; null where it names none, or is erased.
alter table inbox add column reference text;

create index inbox_by_reference on inbox (reference) where reference is not null;

-- What is done and erased names nothing any more: its key is all that is needed.
update inbox set account_id = null where done_at is not null and body = x'';

-- An account that is gone is known again by the SHA-256 of its id. Those that are gone already are
-- forgotten: events about them wait in vain and are removed.
drop table erased_accounts;

create table erased_accounts (
  digest blob primary key not null,
  at integer not null
) strict, without rowid;

create index erased_accounts_by_time on erased_accounts (at);

-- What told an erased user's pages that accounts are gone is 'erased' in place of 'removed', until it
-- names nobody any more: then user and account are ''.
create index changes_of_erased on changes (made_at) where what = 'erased';
