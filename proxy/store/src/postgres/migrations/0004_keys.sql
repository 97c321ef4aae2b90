-- The keys that sealed something, by their ids: a value that each opens, by which it is known again.
create table encryption_keys (
  id text collate "C" primary key,
  check_value text not null
);
