-- The keys that sealed something, by their ids: a value that each opens, by which it is known again.
create table encryption_keys (
  id text primary key not null,
  check_value text not null
) strict;
