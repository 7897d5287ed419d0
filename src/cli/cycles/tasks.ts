import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { noun, verb } from '../nouns.ts';
import { cyclePath, type Task } from './shapes.ts';

/** `cycles tasks`: what people do about what did not agree. */
export function registerTasks(cycles: Command, cli: Cli): void {
  const tasks = noun(
    cycles,
    'tasks',
    'What people do about what did not agree',
    'trueup cycles tasks list cyc_01j…',
  );
  list(tasks, cli);
  add(tasks, cli);
  done(tasks, cli);
}

function list(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'list <cycle>',
    'List the tasks of a cycle',
    'trueup cycles tasks list cyc_01j… --done',
  )
    .option('--done', 'those that are done, too')
    .option('--owner <person>', 'only of this person');
  command.action(async (id: string) => {
    const { done: all, owner } = command.opts<{ done?: boolean; owner?: string }>();
    const query = { done: all === true, owner };
    const rows = await (await cli.api(command)).list<Task>(`${cyclePath(id)}/tasks`, query);
    cli.output(command).table(
      rows,
      [
        { title: 'ID', value: (row) => row.id },
        { title: 'ABOUT', value: (row) => row.subject },
        { title: 'ACTION', value: (row) => row.action },
        { title: 'OWNER', value: (row) => row.owner },
        { title: 'DUE', value: (row) => row.dueAt },
        { title: 'STATE', value: stateOf },
      ],
      'There are no tasks.',
    );
  });
}

function stateOf({ closedAt, overdue }: Task): string {
  if (closedAt !== null) return 'done';
  return overdue ? 'overdue' : 'open';
}

function add(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'add <cycle>',
    'Ask a person to do something about a variance',
    'trueup cycles tasks add cyc_01j… --subject finding:fnd_… --action reclaim --owner usr_… --due 2026-04-15',
  )
    .requiredOption('--subject <subject>', 'a variance as "cycles show" names it')
    .requiredOption('--action <action>', 'reassign, reclaim, buy, amend or accept')
    .requiredOption('--owner <person>', 'who sees to it')
    .requiredOption('--due <date>', 'until when')
    .option('--note <text>', 'what to do');
  command.action(async (id: string) => {
    const given = command.opts<Record<string, string | undefined>>();
    const task = await (
      await cli.api(command)
    ).post<Task>(`${cyclePath(id)}/tasks`, {
      subject: given['subject'],
      action: given['action'],
      owner: given['owner'],
      dueAt: given['due'],
      note: given['note'] ?? null,
    });
    cli.output(command).show(task, () => `${task.id}: ${task.action}, due on ${task.dueAt}.`);
  });
}

function done(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'done <cycle> <task>',
    'Say that a task is done, with what proves it',
    "trueup cycles tasks done cyc_01j… rtk_01j… --proof 'order SO-7731'",
  ).requiredOption('--proof <text>', 'what proves it: an order, a ticket, a plan');
  command.action(async (id: string, taskId: string) => {
    const { proof } = command.opts<{ proof: string }>();
    const path = `${cyclePath(id)}/tasks/${encodeURIComponent(taskId)}:done`;
    const task = await (await cli.api(command)).post<Task>(path, { proof });
    cli.output(command).show(task, () => `${task.id} is done.`);
  });
}
