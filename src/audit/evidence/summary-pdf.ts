/** A heading with its lines. */
export interface SummarySection {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The letters that the built-in fonts have (Latin 1); the tables hold every name as it is. */
const drawable = (text: string): string => text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?');

/** A PDF of a few pages for who reads no tables. The same sections give the same bytes. */
export async function summaryPdf(
  title: string,
  sections: readonly SummarySection[],
): Promise<Uint8Array> {
  // Fonts and all: only who builds a pack holds it in memory.
  const { default: PdfDocument } = await import('pdfkit');
  const document = new PdfDocument({
    size: 'A4',
    margin: 50,
    info: { Title: drawable(title), CreationDate: new Date(0), ModDate: new Date(0) },
  });
  const parts: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  document.on('data', (part: Buffer) => parts.push(part));
  document.on('end', () => resolve(Buffer.concat(parts)));
  document.on('error', reject);
  document.font('Helvetica-Bold').fontSize(16).text(drawable(title));
  for (const section of sections) {
    document.moveDown().font('Helvetica-Bold').fontSize(11).text(drawable(section.title));
    document.font('Helvetica').fontSize(9);
    for (const line of section.lines) document.text(drawable(line));
  }
  document.end();
  return await promise;
}
