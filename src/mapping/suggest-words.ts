/**
 * How field names are read for suggestions. A name is taken apart into words, prefixes that only say whose field it is
 * are dropped, and words that mean the same are spelled alike.
 */

/** Marks of a vendor or a package, not of a meaning. */
const NOISE: ReadonlySet<string> = new Set([
  'custbody', 'custcol', 'custentity', 'custitem', 'sbqq', 'trueup', 'inclusive', 'is',
]); // prettier-ignore

/** Single words that systems use for one thing. */
const SAME: Readonly<Record<string, string>> = {
  acct: 'account',
  amt: 'amount',
  begin: 'from',
  centre: 'center',
  client: 'account',
  company: 'account',
  cust: 'account',
  customer: 'account',
  end: 'to',
  fiscal: 'fiscal',
  id: 'ref',
  key: 'ref',
  no: 'number',
  num: 'number',
  organisation: 'account',
  organization: 'account',
  qty: 'quantity',
  reg: 'registration',
  start: 'from',
};

/**
 * Names that mean one thing in this field, as `words` spells them, joined. A group is one meaning; the first is ours.
 * Only names whose meaning does not depend on the object they stand in.
 */
const MEANINGS: readonly (readonly string[])[] = [
  ['skucode', 'sku', 'productcode', 'itemid', 'partnumber', 'itemcode', 'materialnumber', 'productref'],
  ['unitprice', 'rate', 'price', 'unitrate'],
  ['validfrom', 'startdate', 'servicedate', 'servicestart', 'servicefrom', 'contractstart', 'termstart', 'inusefrom', 'installedon', 'installdate'],
  ['validto', 'enddate', 'serviceend', 'serviceto', 'contractend', 'termend', 'retiredon', 'removedon', 'usageenddate'],
  ['currency', 'currencyisocode', 'currencycode', 'isocurrency', 'currencysymbol'],
  ['legalname', 'companyname', 'accountname', 'customername', 'organizationname'],
  ['number', 'tranid', 'documentnumber', 'transactionnumber'],
  ['linenumber', 'line', 'lineno', 'sortorder', 'lineid', 'linesequencenumber'],
  ['countrycode', 'country', 'billingcountrycode', 'billcountry'],
  ['vatnumber', 'vatregnumber', 'taxid', 'vatregistration', 'vatregistrationnumber', 'defaulttaxreg'],
  ['username', 'login', 'loginname'],
  ['displayname', 'fullname'],
  ['active', 'isactive', 'accountenabled', 'activated'],
  ['accountref', 'accountid', 'customerid', 'customer', 'entity', 'erpcustomerref', 'entityid'],
  ['subsidiaryref', 'subsidiary', 'subsidiaryid'],
  ['total', 'grandtotal', 'totalamount', 'foreigntotal'],
  ['quantitybilled', 'billedquantity', 'qtybilled'],
  ['quantityreceived', 'receivedquantity', 'quantityshiprecv'],
  ['purchaseordernumber', 'ponumber', 'otherrefnum', 'customerponumber'],
  ['employeenumber', 'employeeid', 'employeenum', 'personnelnumber'],
  ['departmentname', 'department'],
  ['costcenter', 'costcentre', 'costcentercode'],
  ['agreementref', 'contractid', 'contractref'],
  ['serialnumber', 'serial'],
  ['expireson', 'expirationdate', 'expirydate', 'expiresat'],
  ['createdat', 'createddate', 'created', 'datecreated'],
  ['orderdate', 'trandate', 'transactiondate', 'effectivedate'],
  ['invoicedate', 'trandate', 'transactiondate'],
  ['publishername', 'publisher', 'manufacturer', 'vendorname'],
  ['metriccode', 'metric'],
  ['closed', 'isclosed'],
  ['billed', 'isbilled'],
  ['effectexternalid', 'trueupid'],
  ['effectintentid', 'trueupintent'],
]; // prettier-ignore

const BY_NAME: ReadonlyMap<string, ReadonlySet<number>> = meanings();

function meanings(): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>();
  for (const [at, names] of MEANINGS.entries()) {
    for (const name of names) found.set(name, (found.get(name) ?? new Set()).add(at));
  }
  return found;
}

/** A field's name as words in lower case: `Trueup_End_Date__c` is end, date. Numbers of custom suffixes are dropped. */
export function words(name: string): readonly string[] {
  const bare = name.replace(/__(?:c|r|pc)$/i, '').replace(/\[\]$/, '');
  const parts = bare
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
  const meant = parts.filter((part) => !NOISE.has(part));
  // "Trueup_Id__c" is our id and nobody else's: with its mark gone it would be anybody's.
  return meant.length === 0 || (parts.length === 2 && parts[0] === 'trueup') ? parts : meant;
}

/** Words with those that mean the same spelled alike. */
export function alike(list: readonly string[]): readonly string[] {
  return list.map((word) => (Object.hasOwn(SAME, word) ? (SAME[word] ?? word) : word));
}

/** True if two joined names are known to mean one thing. */
export function meansTheSame(left: string, right: string): boolean {
  const known = BY_NAME.get(right);
  if (known === undefined) return false;
  return [...(BY_NAME.get(left) ?? [])].some((group) => known.has(group));
}
