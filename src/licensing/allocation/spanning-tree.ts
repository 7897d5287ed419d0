import { InternalError } from '../../kernel/errors.ts';
import { createChildLists, type ChildLists } from './child-lists.ts';
import type { TransportProblem } from './transport-problem.ts';

/**
 * The basis of a transport problem: a tree of arcs that carry the flow, and a potential for each node and lane such that
 * arcs of the tree cost nothing more. Supplies come first among the nodes, then demands, then the root, which takes what
 * is unused and gives what is not met. Arcs are numbered as in the problem; then come those from each supply to the root,
 * then those from the root to each demand.
 */
export interface Tree {
  readonly lanes: number;
  readonly source: Int32Array;
  readonly target: Int32Array;
  readonly flow: Float64Array;
  readonly cost: Float64Array;
  readonly parent: Int32Array;
  /** The arc between a node and its parent, and which way it goes: UP or DOWN. */
  readonly arcUp: Int32Array;
  readonly direction: Int8Array;
  readonly depth: Int32Array;
  readonly potential: Float64Array;
  readonly children: ChildLists;
}

const UP = 1;
const DOWN = -1;
const NONE = -1;

// Every index below is one of the tree's own.
const at = (array: Int32Array | Float64Array | Int8Array, index: number): number =>
  array[index] as number;

/** The first tree: each supply gives all to the root, and each demand has all from it. */
export function openTree({ lanes, supplies, demands, arcs }: TransportProblem): Tree {
  const nodes = supplies.length + demands.length;
  const count = arcs.length + nodes;
  const tree: Tree = {
    lanes,
    source: new Int32Array(count),
    target: new Int32Array(count),
    flow: new Float64Array(count),
    cost: new Float64Array(count * lanes),
    parent: new Int32Array(nodes + 1).fill(nodes),
    arcUp: Int32Array.from({ length: nodes + 1 }, (_, node) => arcs.length + node),
    direction: Int8Array.from({ length: nodes + 1 }, (_, node) =>
      node < supplies.length ? UP : DOWN,
    ),
    depth: new Int32Array(nodes + 1).fill(1),
    potential: new Float64Array((nodes + 1) * lanes),
    children: createChildLists(nodes + 1),
  };
  tree.parent[nodes] = NONE;
  tree.depth[nodes] = 0;
  const setArc = (
    arc: number,
    ends: readonly [number, number],
    quantity: number,
    cost: readonly number[],
  ): void => {
    [tree.source[arc], tree.target[arc]] = ends;
    tree.flow[arc] = quantity;
    tree.cost.set(cost, arc * lanes);
  };
  arcs.forEach(({ supply, demand, cost }, arc) =>
    setArc(arc, [supply, supplies.length + demand], 0, cost),
  );
  supplies.forEach((quantity, node) => setArc(arcs.length + node, [node, nodes], quantity, []));
  demands.forEach(({ quantity, unmetCost }, index) => {
    const node = supplies.length + index;
    setArc(arcs.length + node, [nodes, node], quantity, unmetCost);
  });
  for (let node = 0; node < nodes; node += 1) {
    tree.children.add(nodes, node);
    setPotential(tree, node);
  }
  return tree;
}

function setPotential(tree: Tree, node: number): void {
  const { lanes, potential, cost } = tree;
  const [above, arc, way] = [at(tree.parent, node), at(tree.arcUp, node), at(tree.direction, node)];
  for (let lane = 0; lane < lanes; lane += 1) {
    const value = at(potential, above * lanes + lane) - way * at(cost, arc * lanes + lane);
    if (!Number.isSafeInteger(value)) throw new InternalError('The costs of an allocation add up to more than can be computed exactly. Give unit prices fewer decimal places.'); // prettier-ignore
    potential[node * lanes + lane] = value;
  }
}

/** What one more unit on an arc costs in a lane, while the tree carries the difference. */
function reducedCost(
  { lanes, cost, potential, source, target }: Tree,
  arc: number,
  lane: number,
): number {
  return (
    at(cost, arc * lanes + lane) +
    at(potential, at(source, arc) * lanes + lane) -
    at(potential, at(target, arc) * lanes + lane)
  );
}

/** True if more on this arc makes the whole cheaper. */
export function improves(tree: Tree, arc: number): boolean {
  for (let lane = 0; lane < tree.lanes; lane += 1) {
    const value = reducedCost(tree, arc, lane);
    if (value !== 0) return value < 0;
  }
  return false;
}

/** True if a unit more on this arc makes the whole cheaper than a unit more on that one. */
export function improvesMore(tree: Tree, arc: number, than: number): boolean {
  for (let lane = 0; lane < tree.lanes; lane += 1) {
    const difference = reducedCost(tree, arc, lane) - reducedCost(tree, than, lane);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Takes an arc that improves into the tree, with as much on it as possible, and the arc that limits it out of it. */
export function pivot(tree: Tree, arc: number): void {
  const [first, second] = [at(tree.source, arc), at(tree.target, arc)];
  const top = join(tree, first, second);
  const { most, out, isOnFirst } = limit(tree, first, second, top);
  tree.flow[arc] = at(tree.flow, arc) + most;
  pushUp(tree, first, top, -most);
  pushUp(tree, second, top, most);
  if (isOnFirst) rehang(tree, { node: first, out, above: second, arc, way: UP });
  else rehang(tree, { node: second, out, above: first, arc, way: DOWN });
}

/** The deepest node that is above both. */
function join({ depth, parent }: Tree, left: number, right: number): number {
  let [one, other] = [left, right];
  while (one !== other) {
    if (at(depth, one) >= at(depth, other)) one = at(parent, one);
    else other = at(parent, other);
  }
  return one;
}

interface Limit {
  /** How much may go round. */
  readonly most: number;
  /** The node whose arc to its parent is empty then. */
  readonly out: number;
  /** Whether that is on the side where the entering arc begins. */
  readonly isOnFirst: boolean;
}

/** Of several limits the last one on the way round from the top: then no tree ever comes back, and the method ends. */
function limit(
  { direction, flow, arcUp, parent }: Tree,
  first: number,
  second: number,
  top: number,
): Limit {
  let found: Limit = { most: Infinity, out: NONE, isOnFirst: true };
  for (let node = first; node !== top; node = at(parent, node)) {
    const held = at(flow, at(arcUp, node));
    if (at(direction, node) === UP && held < found.most)
      found = { most: held, out: node, isOnFirst: true };
  }
  for (let node = second; node !== top; node = at(parent, node)) {
    const held = at(flow, at(arcUp, node));
    if (at(direction, node) === DOWN && held <= found.most)
      found = { most: held, out: node, isOnFirst: false };
  }
  return found;
}

/** Sends so much more from a node up to the top. */
function pushUp(
  { flow, arcUp, direction, parent }: Tree,
  from: number,
  top: number,
  quantity: number,
): void {
  for (let node = from; node !== top; node = at(parent, node)) {
    const arc = at(arcUp, node);
    flow[arc] = at(flow, arc) + at(direction, node) * quantity;
  }
}

/** Hangs what is below the arc that goes out under another node, by the arc that comes in. */
function rehang(
  tree: Tree,
  {
    node: held,
    out,
    above,
    arc,
    way,
  }: {
    readonly node: number;
    readonly out: number;
    readonly above: number;
    readonly arc: number;
    readonly way: number;
  },
): void {
  const { parent, arcUp, direction, depth, children } = tree;
  let next = { node: held, above, arc, way };
  for (;;) {
    const { node } = next;
    const before = { above: at(parent, node), arc: at(arcUp, node), way: at(direction, node) };
    children.remove(before.above, node);
    parent[node] = next.above;
    arcUp[node] = next.arc;
    direction[node] = next.way;
    children.add(next.above, node);
    if (node === out) break;
    // Seen from its former parent the same arc goes the other way.
    next = { node: before.above, above: node, arc: before.arc, way: -before.way };
  }
  children.walk(held, (each) => {
    depth[each] = at(depth, at(parent, each)) + 1;
    setPotential(tree, each);
  });
}
