/** Word lists that names are drawn from. All companies, products and people of the sample are made up. */

export const COMPANY_STEMS: readonly string[] = [
  'Alder', 'Amber', 'Anvil', 'Arbor', 'Aster', 'Aurora', 'Badger', 'Basalt', 'Beacon', 'Birch', 'Bluebell', 'Bramble', 'Bright', 'Cascade',
  'Cedar', 'Cinder', 'Clover', 'Cobalt', 'Compass', 'Copper', 'Coral', 'Crescent', 'Delta', 'Drift', 'Dune', 'Eagle', 'Ember', 'Falcon',
  'Fern', 'Flint', 'Fjord', 'Garnet', 'Glacier', 'Granite', 'Harbor', 'Hazel', 'Heron', 'Hollow', 'Indigo', 'Iron', 'Ivory', 'Jasper',
  'Juniper', 'Kestrel', 'Keystone', 'Lantern', 'Larch', 'Laurel', 'Linden', 'Lotus', 'Magnolia', 'Maple', 'Marble', 'Meadow', 'Mistral', 'Nimbus',
  'Oak', 'Obsidian', 'Onyx', 'Orchard', 'Osprey', 'Pebble', 'Pine', 'Prairie', 'Quarry', 'Quartz', 'Raven', 'Redwood', 'Ridge', 'River',
  'Rowan', 'Sable', 'Sage', 'Sapphire', 'Sierra', 'Silver', 'Slate', 'Solstice', 'Spruce', 'Sterling', 'Summit', 'Tamarack', 'Thistle', 'Timber',
  'Topaz', 'Tundra', 'Umber', 'Valley', 'Verdant', 'Violet', 'Walnut', 'Willow', 'Winter', 'Wren', 'Yarrow', 'Zephyr',
]; // prettier-ignore

export const COMPANY_TRADES: readonly string[] = [
  'Logistics', 'Foods', 'Robotics', 'Health', 'Energy', 'Textiles', 'Instruments', 'Media', 'Insurance', 'Motors', 'Chemicals', 'Optics',
  'Retail', 'Airways', 'Materials', 'Pharma', 'Publishing', 'Shipping', 'Metals', 'Devices',
]; // prettier-ignore

/** The one name that several customers share: names are no keys. */
export const SHARED_COMPANY_NAME = 'Clearwater Systems';

export const GIVEN_NAMES: readonly string[] = [
  'Aaliyah', 'Aiko', 'Alice', 'Amara', 'Anders', 'Anna', 'Arjun', 'Astrid', 'Beatriz', 'Ben', 'Bruno', 'Carla', 'Chen', 'Chloe', 'Clara', 'Daniel',
  'David', 'Elena', 'Elif', 'Emil', 'Emma', 'Erik', 'Farid', 'Fatima', 'Felix', 'Grace', 'Hana', 'Hannah', 'Haruto', 'Hugo', 'Ingrid', 'Isaac',
  'Ivan', 'Jakob', 'Jana', 'Jin', 'Jonas', 'Julia', 'Kaito', 'Karin', 'Kenji', 'Lars', 'Laura', 'Lea', 'Leon', 'Lina', 'Lucas', 'Maria',
  'Marta', 'Mei', 'Mia', 'Miguel', 'Nadia', 'Nina', 'Noah', 'Olga', 'Oscar', 'Paula', 'Priya', 'Rafael', 'Ren', 'Rosa', 'Ruth', 'Samir',
  'Sakura', 'Simon', 'Sofia', 'Sven', 'Tara', 'Theo', 'Tomas', 'Vera', 'Victor', 'Yara', 'Yuki', 'Zoe',
]; // prettier-ignore

export const FAMILY_NAMES: readonly string[] = [
  'Abe', 'Adams', 'Ahmed', 'Almeida', 'Andersen', 'Bauer', 'Becker', 'Bell', 'Bianchi', 'Brandt', 'Brooks', 'Carter', 'Castro', 'Chang', 'Cole',
  'Costa', 'Dahl', 'Diaz', 'Dubois', 'Eriksen', 'Evans', 'Fischer', 'Flores', 'Foster', 'Fujita', 'Garcia', 'Gomez', 'Graham', 'Gupta', 'Haas',
  'Hansen', 'Hayashi', 'Hoffmann', 'Hughes', 'Ito', 'Ivanov', 'Jensen', 'Johnson', 'Kaya', 'Keller', 'Khan', 'Kim', 'Klein', 'Kobayashi', 'Koch',
  'Kumar', 'Lang', 'Larsen', 'Lee', 'Lopez', 'Maier', 'Martin', 'Mendes', 'Meyer', 'Mori', 'Morris', 'Murphy', 'Nakamura', 'Nguyen', 'Novak',
  'Okafor', 'Olsen', 'Patel', 'Perez', 'Price', 'Ramos', 'Reed', 'Rossi', 'Sato', 'Schmidt', 'Schulz', 'Silva', 'Singh', 'Suzuki', 'Tanaka',
  'Torres', 'Turner', 'Vogel', 'Wagner', 'Walker', 'Weber', 'Wright', 'Yamamoto', 'Young', 'Zhang', 'Ziegler',
]; // prettier-ignore

export const JOB_ROLES: readonly string[] = [
  'Associate',
  'Specialist',
  'Senior Specialist',
  'Lead',
  'Manager',
  'Director',
];
