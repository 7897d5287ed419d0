import type { Mutant } from './mutant.ts';

/** Mistakes of reading. */
export const READING_MUTANTS: readonly Mutant[] = [
  {
    name: 'stamp-alone',
    what: 'a cursor that asks for later stamps only loses the rest of a second that a page ended in (F-32)',
    killer: { vendor: 'salesforce', from: 6 },
    symptom: /certificates that do not close|lost/,
    edits: [
      {
        file: 'connectors/salesforce/read.ts',
        find: 'return `((${field} = ${second} AND Id > ${soqlText(id)}) OR ${field} > ${second})`;',
        replace: 'return `${field} > ${second}`;',
      },
    ],
  },
  {
    name: 'no-overlap',
    what: 'a read that begins where the last one ended loses what was committed late (F-33)',
    killer: { vendor: 'salesforce', from: 1 },
    symptom: /lost|not as at the source/,
    edits: [
      {
        file: 'connectors/salesforce/windows.ts',
        find: 'new Date(end - deps.overlapSeconds * SECOND)',
        replace: 'new Date(end)',
      },
    ],
  },
  {
    name: 'checkpoint-first',
    what: 'a checkpoint that is saved before its page loses the page with a crash in between (F-2)',
    killer: { vendor: 'salesforce', from: 21 },
    symptom: /certificates that do not close|lost/,
    edits: [
      {
        file: 'src/app/flows/pull-stream.ts',
        find: 'const landed = await leasedTx(deps, context, async (tx) => {',
        replace: `await leasedTx(deps, context, (tx) =>
      tx.run(
        \`update run_stream set pages = $3, next_token = $4, status = case when $4::jsonb is null then 'read' else 'reading' end
         where run_id = $1 and stream = $2\`,
        [runId, stream, pageNumber + 1, page.next === null ? null : JSON.stringify(page.next)],
      ),
    );
    const landed = await leasedTx(deps, context, async (tx) => {`,
      },
      {
        file: 'src/intake/landing.ts',
        find: 'set pages = pages + 1, next_token = $4,',
        replace: 'set pages = $3 + 1, next_token = $4,',
      },
      {
        file: 'src/intake/landing.ts',
        find: 'and stream = $2 and pages = $3 and status',
        replace: 'and stream = $2 and pages in ($3, $3 + 1) and status',
      },
    ],
  },
  {
    name: 'trusts-offsets',
    what: 'pages asked for by offset lose and repeat rows that move in between (F-31, F-38)',
    killer: { vendor: 'netsuite', from: 42 },
    symptom: /certificates that do not close|no read closed|lost/,
    edits: [
      {
        file: 'connectors/netsuite/read.ts',
        find: 'next = nextToken(plan, answer);',
        replace: `next = answer.hasMore ? { offset: Number(next?.['offset'] ?? 0) + answer.rows.length } : null;`,
      },
      {
        file: 'connectors/netsuite/read.ts',
        find: 'where([...inWindow(plan, place.window), afterToken(plan, next)])',
        replace: 'where([...inWindow(plan, place.window)])',
      },
      {
        file: 'connectors/netsuite/read.ts',
        find: '${condition} ORDER BY ${order}`,',
        replace: "${condition} ORDER BY ${order} OFFSET ${String(next?.['offset'] ?? 0)}`,",
      },
      {
        file: 'connectors/netsuite/suiteql.ts',
        find: '&offset=0`,',
        replace: "&offset=${/OFFSET (\\d+)$/.exec(sql)?.[1] ?? '0'}`,",
      },
      {
        file: 'connectors/netsuite/suiteql.ts',
        find: 'q: sql.replaceAll(',
        replace: "q: sql.replace(/ OFFSET \\d+$/, '').replaceAll(",
      },
      {
        file: 'connectors/netsuite/suiteql.ts',
        find: 'const isShort = totalResults !== undefined',
        replace: 'const isShort = false && totalResults !== undefined',
      },
    ],
  },
  {
    name: 'trusts-equal-counts',
    what: 'equal numbers hide a record that came late behind one that moved out (F-33)',
    killer: { vendor: 'salesforce', from: 1 },
    symptom: /closed without/,
    edits: [
      {
        file: 'src/app/prove-window.ts',
        find: 'const isSmall = !isCompared &&',
        replace: 'const isSmall = false &&',
      },
    ],
  },
  {
    name: 'drops-deletes',
    what: 'what left the recycle bin between two reads is held for ever by who reads rows only (F-35)',
    killer: { vendor: 'salesforce', from: 1 },
    symptom: /not at the source/,
    edits: [
      {
        file: 'connectors/salesforce/hard-deletes.ts',
        find: 'if (from === null || to === null || !hasDeletionLog(stream)) return [];',
        replace: 'return [];',
      },
    ],
  },
];
