-- Until when an account is being synced by a scheduled run; null while it is not.
alter table accounts add column scheduled_until integer;

-- When a change was made: how long it is kept counts from there.
alter table changes add column made_at integer not null default 0;

-- What is removed when it is old.
create index inbox_by_end on inbox (done_at) where done_at is not null;
create index inbox_by_wait on inbox (received_at) where due_at is null and done_at is null;
create index jobs_by_end on jobs (updated_at) where next_check_at is null;
