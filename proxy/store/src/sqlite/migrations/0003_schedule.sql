-- The last scheduled run that this account was part of.
alter table accounts add column scheduled_at integer;
