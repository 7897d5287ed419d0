/** A product that Meridian buys for its own people. */
export interface SaasProduct {
  readonly sku: string;
  readonly name: string;
  readonly publisher: string;
  readonly metric: 'user_subscription' | 'named_user';
  /** Price of one seat for a year. */
  readonly unitPrice: string;
  readonly currency: 'USD' | 'EUR';
  /** Share of the people who hold a seat, in percent; departments named here hold it most of the time. */
  readonly everyoneShare: number;
  readonly departments: readonly string[];
  /** How many seats were bought for every hundred that are held: under 100 is a shortfall. */
  readonly boughtPercent: number;
}

export const DEPARTMENTS: readonly string[] = [
  'Engineering', 'Product', 'Design', 'Quality', 'Sales, Americas', 'Sales, EMEA', 'Sales, Japan', 'Marketing', 'Customer Success', 'Support',
  'Finance', 'People',
]; // prettier-ignore

export const SAAS_PRODUCTS: readonly SaasProduct[] = [
  { sku: 'NM-WORKSPACE', name: 'Northmail Workspace', publisher: 'Northmail', metric: 'user_subscription', unitPrice: '72.00', currency: 'USD', everyoneShare: 97, departments: [], boughtPercent: 108 },
  { sku: 'CHT-BUSINESS', name: 'Chatterly Business', publisher: 'Chatterly', metric: 'user_subscription', unitPrice: '96.00', currency: 'USD', everyoneShare: 60, departments: ['Engineering', 'Support'], boughtPercent: 93 },
  { sku: 'CDH-ENT', name: 'CodeHarbor Enterprise', publisher: 'CodeHarbor', metric: 'user_subscription', unitPrice: '252.00', currency: 'USD', everyoneShare: 2, departments: ['Engineering', 'Quality'], boughtPercent: 112 },
  { sku: 'PXL-DESIGN-T', name: 'Pixelbench Design Team', publisher: 'Pixelbench', metric: 'named_user', unitPrice: '540.00', currency: 'EUR', everyoneShare: 1, departments: ['Design', 'Product'], boughtPercent: 125 },
  { sku: 'TKF-AGENT', name: 'Ticketforge Agent', publisher: 'Ticketforge', metric: 'named_user', unitPrice: '660.00', currency: 'EUR', everyoneShare: 0, departments: ['Support', 'Customer Success'], boughtPercent: 118 },
  { sku: 'LDG-FINANCE', name: 'Ledgerly Finance', publisher: 'Ledgerly', metric: 'named_user', unitPrice: '1080.00', currency: 'EUR', everyoneShare: 0, departments: ['Finance'], boughtPercent: 105 },
  { sku: 'DLR-SELLER', name: 'Dealroom Seller', publisher: 'Dealroom Software', metric: 'user_subscription', unitPrice: '900.00', currency: 'USD', everyoneShare: 0, departments: ['Sales, Americas', 'Sales, EMEA', 'Sales, Japan', 'Marketing'], boughtPercent: 140 },
  { sku: 'BRD-PLUS', name: 'Boardwell Plus', publisher: 'Boardwell', metric: 'user_subscription', unitPrice: '120.00', currency: 'USD', everyoneShare: 25, departments: ['Product'], boughtPercent: 130 },
]; // prettier-ignore
