-- breaking: no

-- The business day of a deal's first plan that nothing blocked: how late it was is counted to that day, whatever is
-- edited later. Deals that were planned already were planned when their first plan was made.
alter table deal add column first_planned_on date;
alter table deal no force row level security;
alter table plan no force row level security;
update deal d set first_planned_on = p.day
from (select tenant_id, subject, min(created_at)::date as day from plan where kind = 'closed_won' group by 1, 2) p
where p.tenant_id = d.tenant_id and p.subject = d.id;
alter table deal force row level security;
alter table plan force row level security;

-- review: a late deal whose customer holds the rights already waits for a person's decision. linked: it is the renewal
-- that was made meanwhile. rejected: nothing shall come of it. Both end the plan, and nothing was sent.
alter table plan drop constraint plan_status_check;
alter table plan add constraint plan_status_check check (status in ('blocked', 'waiting', 'review', 'approved', 'applying',
  'applied', 'stale', 'superseded', 'linked', 'rejected'));
alter table plan add column decision text check (decision in ('additional', 'renewal', 'rejected'));
alter table plan add column decided_by text;
alter table plan add column decided_at timestamptz;
