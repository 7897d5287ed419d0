-- breaking: no

-- Who looks after a conflict (the steward of its mapping, when it was opened), and until when it is to be decided.
alter table conflict
  add column owner text,
  add column due_at timestamptz not null default app.clock() + interval '5 days';
