-- Whether the end of a job is only what we took for granted: Mono's own word comes after it.
alter table jobs add column assumed integer not null default 0;
-- From here on `next_check_at` of a job that has finished says when its account is asked for next,
-- until that has succeeded.

-- When Mono was last asked about a job because of an event.
alter table accounts add column job_checked_at integer;
