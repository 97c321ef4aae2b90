-- A scheduled run takes a few accounts at a time, of any number: those first that were part of none yet,
-- or of the earliest one.
create index accounts_by_schedule on accounts (coalesce(scheduled_at, 0), linked_at, id)
  where consent_json is not null;
