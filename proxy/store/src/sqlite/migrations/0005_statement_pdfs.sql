-- Whose each PDF is that Mono was asked to build.
create table statement_pdfs (
  account_id text not null references accounts (id) on delete cascade,
  job_id text not null,
  started_at integer not null,
  primary key (account_id, job_id)
) strict, without rowid;

create index statement_pdfs_by_start on statement_pdfs (started_at);
